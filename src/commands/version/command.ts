import { ExitCode } from '../../errors.ts';
import { defineCommand } from '../../cli/command.ts';
import { printOptions } from '../shared-options.ts';

/** `gctune version`. */
export const versionCommand = defineCommand({
  name: 'version',
  summary: 'Show the versions of gctune, its file formats and its environment',
  positionals: {},
  options: printOptions,
  examples: [
    ['gctune version', 'one fact per line'],
    ['gctune version --json', 'for a bug report'],
  ],
  exitCodes: [ExitCode.ok, ExitCode.usage, ExitCode.environment],
  run: async ({ values }, io) => (await import('./run.ts')).showVersion(values, io),
});
