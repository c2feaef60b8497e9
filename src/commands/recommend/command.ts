import { ExitCode } from '../../errors.ts';
import { defineCommand } from '../../cli/command.ts';
import { briefFormatOption, confirmOptions, jsonOption, quietOption, wholeOption } from '../shared-options.ts';

/** `gctune recommend`. */
export const recommendCommand = defineCommand({
  name: 'recommend',
  summary: 'Recommend a GOGC: what it saves, what it costs and how certain that is, or why there is no answer',
  details:
    'With a limit on memory, picks the least CPU that fits; with a limit on CPU or p99, the least memory within it; with ' +
    'both or neither, one answer for each; with prices, the lowest cost. Each limit is judged by the end of the interval under every ' +
    'workload. If the other side has no limit, a default guard applies (CPU at most +10 %, memory at most +100 %) and is ' +
    'named. If the run cannot decide, it says what to do now and what would decide it, with exit code 5. Write a negative ' +
    'limit with =, e.g. --max-cpu=-2%.',
  positionals: { run: { describe: 'Folder of a run.', required: true, many: false } },
  options: {
    'max-cpu': {
      type: 'string',
      value: '<change>',
      describe: 'Maximum CPU per request (or CPU, or duration) relative to the baseline, e.g. +5%.',
      group: 'Limits',
    },
    'max-p99': {
      type: 'string',
      value: '<change or time>',
      describe: 'Maximum p99 latency, relative to the baseline, e.g. +10%, or absolute, e.g. 20ms.',
      group: 'Limits',
    },
    'max-memory': {
      type: 'string',
      value: '<change or size>',
      describe: 'Maximum of the primary memory metric (RssAnon), e.g. 200MiB, or relative to the baseline, e.g. =-20%.',
      group: 'Limits',
    },
    'max-rss': {
      type: 'string',
      value: '<change or size>',
      describe: 'Maximum RSS, e.g. 300MiB, or relative to the baseline, e.g. +10%.',
      group: 'Limits',
    },
    'price-gib-month': {
      type: 'string',
      value: '<price>',
      describe:
        'Price of a GiB per month, e.g. 3.5, in any currency. Needs --price-core-month; the lowest total cost is chosen.',
      group: 'Prices',
    },
    'price-core-month': {
      type: 'string',
      value: '<price>',
      describe: 'Price of a core per month, in the same currency.',
      group: 'Prices',
    },
    exchange: {
      type: 'string',
      value: '<size/%>',
      describe: 'Memory that must be saved per percent of CPU (marginal rate), e.g. 5MiB/%, instead of prices.',
      group: 'Prices',
    },
    workload: { type: 'string', value: '<name>', describe: 'Consider only this workload of the run.' },
    'container-memory': {
      type: 'string',
      value: '<size>',
      describe: 'Container memory from which to derive a GOMEMLIMIT, instead of limits.memory of the experiment.',
      group: 'Memory limit',
    },
    gomemlimit: {
      type: 'string',
      value: '<size>',
      describe: 'Judge this GOMEMLIMIT, e.g. 460MiB, instead of deriving one; with --confirm, try it.',
      group: 'Memory limit',
    },
    ...confirmOptions,
    gogc: {
      type: 'string',
      value: '<level>',
      describe: 'With --confirm: try this measured level instead of the recommended one.',
      group: 'Confirmation',
    },
    quiet: quietOption,
    format: briefFormatOption<never>(),
    verbose: wholeOption,
    json: jsonOption,
  },
  examples: [
    ['gctune recommend results/kubo-20260102T030405Z-42', 'both directions: least memory, least CPU'],
    ['gctune recommend results/kubo-20260102T030405Z-42 --max-rss 300MiB', 'the least CPU that fits'],
    ['gctune recommend results/kubo-20260102T030405Z-42 --confirm', 'and try its memory limit'],
  ],
  exitCodes: [
    ExitCode.ok,
    ExitCode.usage,
    ExitCode.environment,
    ExitCode.noUsableResult,
    ExitCode.assertion,
    ExitCode.corruptResults,
    ExitCode.interrupted,
    ExitCode.quit,
    ExitCode.terminated,
  ],
  run: async ({ values }, io) => (await import('./run.ts')).recommendSetting(values, io),
});
