import { ExitCode } from '../../errors.ts';
import { defineCommand } from '../../cli/command.ts';

/** `gctune init`. */
export const initCommand = defineCommand({
  name: 'init',
  summary: 'Write a short experiment file to start from',
  details:
    'On a terminal and without flags it asks what the daemon is, how it is started and what to load. With --from-… it looks at what is there: ' +
    'arguments, environment, ports, limits and data, the GOGC in force as the baseline, and a page that answers as the first load. That ' +
    'is only looked at: its ports are asked a few pages, once. Values that look like secrets are left out and named in the file.',
  positionals: { file: { describe: 'Output file (default: gctune.yaml).', required: false, many: false } },
  options: {
    package: {
      type: 'string',
      value: '<folder>',
      describe: 'A Go main package. Where nothing is named: the one in this folder.',
      group: 'What the daemon is',
      environment: false,
    },
    module: {
      type: 'string',
      value: '<path@version>',
      describe: 'A published Go program, from the module proxy.',
      group: 'What the daemon is',
      environment: false,
    },
    binary: {
      type: 'string',
      value: '<file>',
      describe: 'A Go program that is already built.',
      group: 'What the daemon is',
      environment: false,
    },
    dockerfile: {
      type: 'string',
      value: '<file>',
      describe: 'A Dockerfile, built before the run.',
      group: 'What the daemon is',
      environment: false,
    },
    batch: {
      type: 'boolean',
      default: false,
      describe: 'It is a command that runs to its end, and serves nothing.',
      group: 'What the daemon is',
      environment: false,
    },
    args: {
      type: 'string',
      value: '<words>',
      describe:
        'Its arguments, in quotes: --args="serve --addr {host}:{port}". {host} and {port} stand for where it is to listen. Default: --listen {host}:{port}, or none of an image.',
      group: 'How it is started and loaded',
      environment: false,
    },
    port: {
      type: 'string',
      value: '<port>',
      describe: 'The port that it serves on, or auto: a free one, told to it by {port}.',
      group: 'How it is started and loaded',
      environment: false,
    },
    ready: {
      type: 'string',
      value: '<page or words>',
      describe:
        'How it says that it is ready: a page that answers (/healthz), or words that it prints. Default: its port accepts connections.',
      group: 'How it is started and loaded',
      environment: false,
    },
    path: {
      type: 'string',
      value: '<path>',
      describe: 'A page to load it with, by GET.',
      group: 'How it is started and loaded',
      environment: false,
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
    ['gctune init', 'ask, and write gctune.yaml'],
    ["gctune init --package ./cmd/api --args='--addr {host}:{port}'", 'without questions'],
    ['gctune init --from-container api', 'an experiment with what a running container is, to be run as it is'],
  ],
  exitCodes: [ExitCode.ok, ExitCode.usage, ExitCode.environment, ExitCode.interrupted],
  run: async ({ values }, io) => (await import('./run.ts')).init(values, io),
});
