import { ExitCode } from '../../errors.ts';
import { defineCommand } from '../../cli/command.ts';
import { printOptions } from '../shared-options.ts';

/** `gctune image`. */
export const imageCommand = defineCommand({
  name: 'image',
  summary: 'Write the container image that gctune run --on kubernetes needs on the nodes',
  details:
    'The image holds this gctune with the Node that runs it, and the agent that starts the daemon in its own container, built with ' +
    'Go; it is for machines of this architecture. It is written as docker save does, and needs no registry: kind load image-archive, ' +
    'k3s ctr images import, ctr --namespace k8s.io images import and docker load take it. The same files give the same image, and its ' +
    'id is printed.',
  positionals: { file: { describe: 'Output file (default: gctune.tar).', required: false, many: false } },
  options: {
    name: {
      type: 'string',
      value: '<name:tag>',
      describe: 'What the image is called. Default: gctune and the version.',
      environment: false,
    },
    ...printOptions,
  },
  examples: [
    ['gctune image', 'then kind load image-archive gctune.tar, for a cluster made by kind'],
    ['gctune image /tmp/gctune.tar --name registry.example.org/gctune:1', 'to be pushed after docker load'],
  ],
  exitCodes: [ExitCode.ok, ExitCode.usage, ExitCode.environment, ExitCode.interrupted],
  run: async ({ values }, io) => (await import('./run.ts')).writeImage(values, io),
});
