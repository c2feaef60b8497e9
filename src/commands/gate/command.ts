import { ExitCode } from '../../errors.ts';
import { defineCommand } from '../../cli/command.ts';
import {
  briefFormatOption,
  colorOption,
  historyOption,
  jsonOption,
  quietOption,
  wholeOption,
} from '../shared-options.ts';

/** `gctune gate`. */
export const gateCommand = defineCommand({
  name: 'gate',
  summary:
    'Judge a night against its history, and against a baseline version of the same run; run again what is suspicious',
  details:
    'The thresholds come from how much each metric differs from night to night, and are never below the floors of the experiment (gate:). ' +
    'What is suspicious is measured once more, its cells alone, and only what is confirmed ends with 6. A night whose canary moved is ' +
    'unusable and fails nothing. Without enough nights it says how many it takes, and ends with 0. --format github prints annotations ' +
    'and appends a summary to the file that GITHUB_STEP_SUMMARY names.',
  positionals: { run: { describe: 'Folder of a run.', required: true, many: false } },
  options: {
    history: historyOption,
    confirm: {
      type: 'string',
      choices: ['auto', 'never'],
      default: 'auto',
      value: '<when>',
      describe: 'Run suspicious cells again. never: only report them; nothing fails.',
      group: 'Gate',
      environment: false,
    },
    strict: {
      type: 'boolean',
      default: false,
      describe:
        'Also end with 6 for a night that could not be judged, is unusable, or is suspicious and was not run again.',
      group: 'Gate',
    },
    timeout: {
      type: 'duration',
      value: '<duration>',
      describe: 'Stop the confirmation after this long (e.g. 20m).',
      group: 'Gate',
    },
    junit: {
      type: 'string',
      value: '<file>',
      describe:
        'Also write the answer as a test report (JUnit) to this file: a second gate would run everything again.',
      group: 'Output',
      environment: false,
    },
    format: { ...briefFormatOption('junit', 'github'), environment: false },
    verbose: wholeOption,
    json: jsonOption,
    color: colorOption,
    quiet: quietOption,
  },
  examples: [
    ['gctune gate results/nightly-1 --history history', 'a night, which gctune record may have added already'],
    ['gctune gate results/nightly-1 --strict -f github', 'in a job of GitHub Actions, which must not pass unjudged'],
  ],
  exitCodes: [
    ExitCode.ok,
    ExitCode.usage,
    ExitCode.environment,
    ExitCode.noUsableResult,
    ExitCode.assertion,
    ExitCode.corruptResults,
    ExitCode.machineFault,
  ],
  run: async ({ values }, io) => (await import('./run.ts')).gate(values, io),
});
