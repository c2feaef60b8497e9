import { ExitCode } from '../../errors.ts';
import { defineCommand } from '../../cli/command.ts';
import { formatOption, jsonOption } from '../shared-options.ts';

/** `gctune assert`. */
export const assertCommand = defineCommand({
  name: 'assert',
  summary: 'Hold a run to what its experiment asserts, for nightly runs',
  details:
    'Judges the assertions of the experiment file (assert:), or those given here instead, by the ends of the intervals: ' +
    'passed where the whole interval is within the bounds, failed where the whole of it is beyond one, else undecided. ' +
    'Exits with 6 where one of level error failed; what is undecided is only said, unless --strict is given. A cell ' +
    'without figures, or with a trial that ran out of memory, has failed.',
  positionals: { run: { describe: 'Folder of a run.', required: true, many: false } },
  options: {
    that: {
      type: 'string',
      array: true,
      value: '<assertion>',
      describe:
        'What must hold, as "memory.anon[gogc=50] <= 40MiB"; with a sign against the baseline, as "cpu.used <= +5%". May be given more than once.',
      group: 'Assertions',
    },
    file: {
      type: 'string',
      value: '<file>',
      describe: 'A YAML file with a list assert, such as another experiment.',
      group: 'Assertions',
    },
    strict: {
      type: 'boolean',
      default: false,
      describe: 'What is undecided or was not run is an error too, where its level is error.',
      group: 'Assertions',
    },
    format: formatOption('junit'),
    json: jsonOption,
  },
  examples: [
    ['gctune assert results/kubo-1', 'what the experiment file asserts'],
    ['gctune assert results/kubo-1 --that "memory.anon[gogc=50]<=300MiB"', 'one bound'],
    ['gctune assert results/kubo-1 --file limits.yaml --format junit', 'for the test report of a CI system'],
  ],
  exitCodes: [ExitCode.ok, ExitCode.usage, ExitCode.assertion, ExitCode.corruptResults],
  run: async ({ values }, io) => (await import('./run.ts')).assertRun(values, io),
});
