import { ExitCode } from '../../errors.ts';
import { defineCommand } from '../../cli/command.ts';

/** `gctune schema`. */
export const schemaCommand = defineCommand({
  name: 'schema',
  summary: 'Print the JSON Schema of experiment files',
  positionals: {},
  options: {
    write: {
      type: 'boolean',
      default: false,
      describe: 'Write it to schema/experiment.schema.json under the current folder instead.',
    },
  },
  examples: [
    ['gctune schema > experiment.schema.json', 'for an editor'],
    ['gctune schema --write', 'write schema/experiment.schema.json'],
  ],
  exitCodes: [ExitCode.ok, ExitCode.usage, ExitCode.environment],
  run: async ({ values }, io) => (await import('./run.ts')).printSchema(values, io),
});
