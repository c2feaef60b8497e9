import { ExitCode } from '../../errors.ts';
import { defineCommand } from '../../cli/command.ts';

/** `gctune init`. */
export const initCommand = defineCommand({
  name: 'init',
  summary: 'Write a commented experiment file to start from',
  details:
    'From a template, or from a program that is there: its arguments, environment, ports, limits and data, the GOGC in force as the ' +
    'baseline, and a page that answers as the first load. What is there is only looked at: its ports are asked a few pages, once. ' +
    'Values that look like secrets are left out and named in the file.',
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
    'from-container': {
      type: 'string',
      value: '<name>',
      describe: 'From a running Docker container, by its name or id.',
      group: 'From what is there',
      environment: false,
    },
    'from-compose': {
      type: 'string',
      array: true,
      pair: true,
      value: '<file> <service>',
      describe: 'From a service of a Compose file, with those that it depends on.',
      group: 'From what is there',
      environment: false,
    },
    'from-pid': {
      type: 'number',
      least: 1,
      value: '<number>',
      describe: 'From a running Go process of this machine (Linux).',
      group: 'From what is there',
      environment: false,
    },
    'from-image': {
      type: 'string',
      value: '<reference>',
      describe: 'From a container image; it is pulled where the engine does not have it, and not started.',
      group: 'From what is there',
      environment: false,
    },
    force: { type: 'boolean', default: false, describe: 'Overwrite the file if it exists.' },
  },
  examples: [
    ['gctune init', 'write gctune.yaml'],
    ['gctune init --from-container api', 'an experiment with what a running container is, to be run as it is'],
    ['gctune init --from-compose compose.yaml api', 'a service with the services that it needs'],
  ],
  exitCodes: [ExitCode.ok, ExitCode.usage, ExitCode.environment],
  run: async ({ values }, io) => (await import('./run.ts')).init(values, io),
});
