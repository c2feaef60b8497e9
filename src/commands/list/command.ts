import { ExitCode } from '../../errors.ts';
import { defineCommand } from '../../cli/command.ts';
import { printOptions, resultsOption } from '../shared-options.ts';

/** `gctune list`. */
export const listCommand = defineCommand({
  name: 'list',
  summary: 'List the runs, oldest first',
  positionals: {},
  options: { results: resultsOption, ...printOptions },
  examples: [
    ['gctune list', 'the runs in results/'],
    ['gctune list --results results/reference --json', 'for a script'],
  ],
  exitCodes: [ExitCode.ok, ExitCode.usage, ExitCode.environment],
  run: async ({ values }, io) => (await import('./run.ts')).showRuns(values, io),
});
