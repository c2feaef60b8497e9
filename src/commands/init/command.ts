import { ExitCode } from '../../errors.ts';
import { defineCommand } from '../../cli/command.ts';

/** `gctune init`. */
export const initCommand = defineCommand({
  name: 'init',
  summary: 'Write a commented experiment file to start from',
  positionals: { file: { describe: 'Output file (default: gctune.yaml).', required: false, many: false } },
  options: {
    template: {
      type: 'string',
      alias: 't',
      choices: ['minimal', 'heapd', 'image', 'module', 'batch'],
      value: '<name>',
      default: 'minimal',
      describe:
        'What to measure. minimal: your own Go package under HTTP load; heapd: the daemon that comes with gctune; ' +
        'image: a container image; module: a published Go program (kubo); batch: a command that runs to completion.',
    },
    force: { type: 'boolean', default: false, describe: 'Overwrite the file if it exists.' },
  },
  examples: [
    ['gctune init', 'write gctune.yaml'],
    ['gctune init try.yaml --template heapd', 'an experiment that runs as it is'],
  ],
  exitCodes: [ExitCode.ok, ExitCode.usage, ExitCode.environment],
  run: async ({ values }, io) => (await import('./run.ts')).writeTemplate(values, io),
});
