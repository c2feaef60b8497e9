import { ExitCode } from '../../errors.ts';
import { defineCommand } from '../../cli/command.ts';
import { printOptions } from '../shared-options.ts';

/** `gctune validate`. */
export const validateCommand = defineCommand({
  name: 'validate',
  summary: 'Check experiment files and list all their problems',
  positionals: { file: { describe: 'Experiment files (YAML).', required: true, many: true } },
  options: printOptions,
  examples: [
    ['gctune validate gogc-sweep.yaml', 'file:line:column, what is wrong, what to write'],
    ['gctune validate experiments/*.yaml --json', 'for an editor or CI'],
  ],
  exitCodes: [ExitCode.ok, ExitCode.usage, ExitCode.environment],
  run: async ({ values }, io) => (await import('./run.ts')).validateFiles(values, io),
});
