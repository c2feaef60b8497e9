import { ExitCode } from '../../errors.ts';
import { defineCommand } from '../../cli/command.ts';
import { printOptions } from '../shared-options.ts';

/** `gctune profile`. */
export const profileCommand = defineCommand({
  name: 'profile',
  summary: 'Show which functions hold the memory or allocate it',
  details:
    'Reads the pprof profiles that a run kept (profiles: in the experiment), or a file. The tables are those of ' +
    'go tool pprof -top: flat is what a function itself accounts for, cum what it does with all that it calls. ' +
    'Figures of several trials are their mean. Profiles are samples: small figures are rough.',
  positionals: { source: { describe: 'Folder of a run, or a profile as heap.pb.gz.', required: true, many: false } },
  options: {
    cell: {
      type: 'string',
      value: '<factor=level>',
      describe: 'The cell of the run, as gogc=10 or "gogc=10 gomemlimit=64MiB". Without it the baseline.',
    },
    workload: {
      type: 'string',
      value: '<name>',
      describe: 'The workload of the cell, where the run has several.',
    },
    type: {
      type: 'string',
      value: '<type>',
      describe:
        'What is shown: inuse_space, inuse_objects, alloc_space, alloc_objects. For runs inuse_space without it, ' +
        'for files what the file says.',
    },
    diff: {
      type: 'string',
      value: '<cell or file>',
      describe: 'Show the difference to this cell, or to this profile. Percentages are of it.',
    },
    top: { type: 'number', value: '<number>', default: 20, describe: 'How many functions a table has; 0 for all.' },
    unit: {
      type: 'string',
      choices: ['MiB', 'KiB', 'GiB', 'B'],
      value: '<unit>',
      default: 'MiB',
      describe: 'What bytes are shown in; with B they are written as go tool pprof -top -unit=B writes them.',
    },
    ...printOptions,
  },
  examples: [
    ['gctune profile results/kubo-20260102T030405Z-42 --cell gogc=10 --diff gogc=100', 'what GOGC=10 holds less of'],
    ['gctune profile results/kubo-20260102T030405Z-42 --type alloc_space', 'what allocates, at the baseline'],
    ['gctune profile heap.pb.gz --top 5 --unit B', 'as go tool pprof -top -nodecount=5 -unit=B'],
  ],
  exitCodes: [ExitCode.ok, ExitCode.usage, ExitCode.corruptResults],
  run: async ({ values }, io) => (await import('./run.ts')).showProfile(values, io),
});
