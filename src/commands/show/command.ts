import { ExitCode } from '../../errors.ts';
import { defineCommand } from '../../cli/command.ts';
import { printOptions } from '../shared-options.ts';

/** `gctune show`. */
export const showCommand = defineCommand({
  name: 'show',
  summary: 'Show a run, or one trial of it',
  positionals: {
    run: { describe: 'Folder of a run.', required: true, many: false },
    trial: { describe: 'Id of a trial, e.g. 003-07-gogc-25.', required: false, many: false },
  },
  options: printOptions,
  examples: [
    ['gctune show results/gogc-sweep-20260102T030405Z-42', 'target, machine, and how each trial ended'],
    ['gctune show results/gogc-sweep-20260102T030405Z-42 003-07-gogc-25', 'phases, settings in effect, work done'],
  ],
  exitCodes: [ExitCode.ok, ExitCode.usage, ExitCode.environment, ExitCode.corruptResults],
  run: async ({ values }, io) => (await import('./run.ts')).showRun(values, io),
});
