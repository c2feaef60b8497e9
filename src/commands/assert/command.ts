import { ExitCode } from '../../errors.ts';
import { defineCommand } from '../../cli/command.ts';
import { briefFormatOption, jsonOption, wholeOption } from '../shared-options.ts';

/** `gctune assert`. */
export const assertCommand = defineCommand({
  name: 'assert',
  summary: 'Check a run against the assertions of its experiment, e.g. in nightly runs',
  details:
    'Checks the assertions of the experiment file (assert:), or those given here instead, by the ends of the intervals: ' +
    'passed if the whole interval is within the bounds, failed if all of it is beyond one, otherwise undecided. ' +
    'Exits with 6 if an assertion of level error failed; undecided ones are only reported, unless --strict is given. A cell ' +
    'without values, or with an OOM-killed trial, has failed. --format github prints annotations and appends a summary to the file ' +
    'that GITHUB_STEP_SUMMARY names.',
  positionals: { run: { describe: 'Folder of a run.', required: true, many: false } },
  options: {
    that: {
      type: 'string',
      array: true,
      value: '<assertion>',
      describe:
        'What must hold, e.g. "memory.anon[gogc=50] <= 40MiB"; with a sign, relative to the baseline, e.g. "cpu.used <= +5%". May be repeated.',
      group: 'Assertions',
    },
    file: {
      type: 'string',
      value: '<file>',
      describe: 'A YAML file with an assert list, e.g. another experiment.',
      group: 'Assertions',
    },
    strict: {
      type: 'boolean',
      default: false,
      describe: 'Undecided assertions, and cells that were not run, also count as failed where their level is error.',
      group: 'Assertions',
    },
    format: briefFormatOption('junit', 'github'),
    verbose: wholeOption,
    json: jsonOption,
  },
  examples: [
    ['gctune assert results/kubo-1', 'the assertions of the experiment file'],
    ['gctune assert results/kubo-1 --that "memory.anon[gogc=50]<=300MiB"', 'one bound'],
    ['gctune assert results/kubo-1 --file limits.yaml --format junit', 'for the test report of a CI system'],
  ],
  exitCodes: [ExitCode.ok, ExitCode.usage, ExitCode.environment, ExitCode.assertion, ExitCode.corruptResults],
  run: async ({ values }, io) => (await import('./run.ts')).assertRun(values, io),
});
