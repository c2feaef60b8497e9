import { ExitCode } from '../../errors.ts';
import { defineCommand } from '../../cli/command.ts';

/** `gctune init`. */
export const initCommand = defineCommand({
  name: 'init',
  summary: 'Write a commented experiment file to begin from',
  positionals: { file: { describe: 'Where to; gctune.yaml if it is left out.', required: false, many: false } },
  options: {
    template: {
      type: 'string',
      alias: 't',
      choices: ['minimal', 'heapd', 'image', 'module', 'batch'],
      value: '<name>',
      default: 'minimal',
      describe:
        'What is measured. minimal: a Go package of yours under HTTP load; heapd: the daemon that comes with gctune; ' +
        'image: a container image; module: a published Go program, here kubo; batch: a command that runs to its end.',
    },
    force: { type: 'boolean', default: false, describe: 'Overwrite the file if it is there.' },
  },
  examples: [
    ['gctune init', 'write gctune.yaml'],
    ['gctune init try.yaml --template heapd', 'something that runs at once'],
  ],
  exitCodes: [ExitCode.ok, ExitCode.usage, ExitCode.environment],
  run: async ({ values }, io) => (await import('./run.ts')).writeTemplate(values, io),
});
