import { ExitCode } from '../../errors.ts';
import { defineCommand } from '../../cli/command.ts';
import { confirmOptions, formatOption, jsonOption, quietOption } from '../shared-options.ts';

/** `gctune recommend`. */
export const recommendCommand = defineCommand({
  name: 'recommend',
  summary: 'Say which GOGC to run, at what price and how surely, or why not',
  details:
    'A limit on memory is answered with the least CPU that fits, a limit on CPU or p99 with the least memory that keeps it, ' +
    'both or none with both ends, prices with the least money. Each limit is judged by the end of its interval under every ' +
    'workload. Where nothing is said of the other side a guard stands in (CPU at most +10 %, memory at most +100 %), and is ' +
    'named. Where the run cannot tell, it says what to do now and what would decide it, with exit code 5. Write a negative ' +
    'limit with =, as --max-cpu=-2%.',
  positionals: { run: { describe: 'Folder of a run.', required: true, many: false } },
  options: {
    'max-cpu': {
      type: 'string',
      value: '<change>',
      describe: 'Most CPU per request (or CPU, or duration) relative to the baseline, as +5%.',
      group: 'Limits',
    },
    'max-p99': {
      type: 'string',
      value: '<change or time>',
      describe: 'Highest p99 latency, relative to the baseline as +10%, or as a time: 20ms.',
      group: 'Limits',
    },
    'max-memory': {
      type: 'string',
      value: '<change or size>',
      describe: 'Most of the primary memory metric (RssAnon), as 200MiB or, relative to the baseline, as =-20%.',
      group: 'Limits',
    },
    'max-rss': {
      type: 'string',
      value: '<change or size>',
      describe: 'Most RSS, as 300MiB or relative to the baseline.',
      group: 'Limits',
    },
    'price-gib-month': {
      type: 'string',
      value: '<price>',
      describe:
        'What a GiB costs a month, as 3.5, in any currency. Needs --price-core-month; the least money is chosen.',
      group: 'Prices',
    },
    'price-core-month': {
      type: 'string',
      value: '<price>',
      describe: 'What a core costs a month, in the same currency.',
      group: 'Prices',
    },
    exchange: {
      type: 'string',
      value: '<size/%>',
      describe: 'Memory that must be saved for each percent of CPU, as 5MiB/%. Instead of prices.',
      group: 'Prices',
    },
    workload: { type: 'string', value: '<name>', describe: 'Only this workload of the run.' },
    'container-memory': {
      type: 'string',
      value: '<size>',
      describe:
        'Memory of the container that a GOMEMLIMIT is derived from, instead of limits.memory of the experiment.',
      group: 'Memory limit',
    },
    gomemlimit: {
      type: 'string',
      value: '<size>',
      describe: 'Judge this GOMEMLIMIT, as 460MiB, instead of deriving one; with --confirm it is tried.',
      group: 'Memory limit',
    },
    ...confirmOptions,
    gogc: {
      type: 'string',
      value: '<level>',
      describe: 'With --confirm: this measured level, whatever is recommended.',
      group: 'Confirmation',
    },
    quiet: quietOption,
    format: formatOption<never>(),
    json: jsonOption,
  },
  examples: [
    ['gctune recommend results/kubo-20260102T030405Z-42', 'both directions: for memory, for CPU'],
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
    ExitCode.terminated,
  ],
  run: async ({ values }, io) => (await import('./run.ts')).recommendSetting(values, io),
});
