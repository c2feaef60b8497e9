import { ExitCode } from '../../errors.ts';
import { defineCommand } from '../../cli/command.ts';
import { confirmOptions, sweepOptions } from '../shared-options.ts';

/** `gctune resume`. */
export const resumeCommand = defineCommand({
  name: 'resume',
  summary: 'Run what is missing of a run that ended early',
  details:
    'Goes on with the order and the seed of the run. The trial that was under way when it ended is discarded and run again. ' +
    'Machine, target, Go version, limits and runner must be the same as before. A complete run is only reported on.',
  positionals: { run: { describe: 'The folder of the run.', required: true, many: false } },
  options: {
    'accept-drift': {
      type: 'boolean',
      default: false,
      describe:
        'Go on although something has changed. The change is recorded, and the report compares the parts of the run before and after it.',
      group: 'Experiment',
    },
    ...sweepOptions,
    ...confirmOptions,
  },
  examples: [
    ['gctune resume results/gogc-sweep-20261101T120000Z-42', 'run the missing trials, write the report'],
    ['gctune resume RUN --accept-drift', 'the machine was updated meanwhile'],
  ],
  exitCodes: [
    ExitCode.ok,
    ExitCode.usage,
    ExitCode.environment,
    ExitCode.someTrialsFailed,
    ExitCode.noUsableResult,
    ExitCode.assertion,
    ExitCode.corruptResults,
    ExitCode.machineFault,
    ExitCode.interrupted,
    ExitCode.quit,
    ExitCode.terminated,
  ],
  keepsAnswer: true,
  run: async ({ values }, io) => (await import('./run.ts')).resumeExperiment(values, io),
});
