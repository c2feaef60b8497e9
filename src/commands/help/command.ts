import { ExitCode } from '../../errors.ts';
import { defineCommand } from '../../cli/command.ts';
import { printOptions } from '../shared-options.ts';
import { topicNames } from './topic-names.ts';

/** `gctune help`. */
export const helpCommand = defineCommand({
  name: 'help',
  summary: 'Explain a command or a topic',
  positionals: {
    topic: { describe: `A command, or one of: ${topicNames.join(', ')}.`, required: false, many: false },
  },
  options: printOptions,
  examples: [
    ['gctune help exit-codes', 'what each exit code means'],
    ['gctune help experiment.target', 'the keys of one section of an experiment file'],
    ['gctune help run', 'the same as gctune run --help'],
  ],
  exitCodes: [ExitCode.ok, ExitCode.usage, ExitCode.environment],
  run: async ({ values }, io) => (await import('./run.ts')).showTopic(values, io),
});
