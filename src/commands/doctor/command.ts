import { ExitCode } from '../../errors.ts';
import { defineCommand } from '../../cli/command.ts';
import { REAL_RUNNER_CHOICES } from '../../experiment/runner-names.ts';
import { printOptions } from '../shared-options.ts';

/** `gctune doctor`. */
export const doctorCommand = defineCommand({
  name: 'doctor',
  summary: 'Check whether this machine is fit to measure on',
  details:
    'Each check is ok, warn, fail, unknown (could not be determined) or skipped, with a remedy where there is one.',
  positionals: {},
  options: {
    runner: {
      type: 'string',
      choices: REAL_RUNNER_CHOICES,
      default: 'auto',
      value: '<name>',
      describe: 'The runner that must work. auto: any of them.',
    },
    ...printOptions,
  },
  examples: [
    ['gctune doctor', 'all checks'],
    ['gctune doctor --runner docker', 'fail if Docker cannot be used'],
  ],
  exitCodes: [ExitCode.ok, ExitCode.usage, ExitCode.environment],
  run: async ({ values }, io) => (await import('./run.ts')).examineMachine(values, io),
});
