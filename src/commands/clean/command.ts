import { ExitCode } from '../../errors.ts';
import { defineCommand } from '../../cli/command.ts';
import { clusterOptions, printOptions } from '../shared-options.ts';

/** `gctune clean`. */
export const cleanCommand = defineCommand({
  name: 'clean',
  summary: 'Remove what killed runs left behind: containers, images, networks, processes, cgroups, folders',
  details:
    'Removes only what a gctune process that no longer runs has left. Results are never touched. What cannot be removed is named, and the exit code is 3 then.',
  positionals: {},
  options: {
    run: {
      type: 'string',
      value: '<id>',
      describe: 'Only what belongs to this run, even if it is unknown whether its gctune process still runs.',
      environment: false,
    },
    after: {
      type: 'number',
      least: 1,
      value: '<pid>',
      describe: 'Begin when this process has ended, or after 30 s.',
      environment: false,
    },
    on: {
      ...clusterOptions.on,
      describe: 'Remove the Jobs of a cluster instead of what is on this machine. What only their pods have is lost.',
    },
    namespace: clusterOptions.namespace,
    context: clusterOptions.context,
    ...printOptions,
  },
  examples: [
    ['gctune clean', 'remove leftovers and list them'],
    ['gctune clean --json', 'for a script'],
    ['gctune clean --on kubernetes --namespace bench', 'remove the Jobs of killed runs in a cluster'],
  ],
  exitCodes: [ExitCode.ok, ExitCode.usage, ExitCode.environment, ExitCode.interrupted, ExitCode.terminated],
  run: async ({ values }, io) => (await import('./run.ts')).cleanUp(values, io),
});
