import { ExitCode } from '../../errors.ts';
import { defineCommand } from '../../cli/command.ts';
import { printOptions } from '../shared-options.ts';

/** `gctune clean`. */
export const cleanCommand = defineCommand({
  name: 'clean',
  summary: 'Remove what killed runs left behind: containers, images, networks, processes, cgroups, folders',
  details: 'Only things that carry the mark of a gctune that is no longer alive are touched; results never are.',
  positionals: {},
  options: {
    run: {
      type: 'string',
      value: '<id>',
      describe: 'Only what belongs to this run; also where it cannot be told whether its gctune still lives.',
      environment: false,
    },
    ...printOptions,
  },
  examples: [
    ['gctune clean', 'remove and say what was removed'],
    ['gctune clean --json', 'for a script'],
  ],
  exitCodes: [ExitCode.ok, ExitCode.usage, ExitCode.environment],
  run: async ({ values }, io) => (await import('./run.ts')).cleanUp(values, io),
});
