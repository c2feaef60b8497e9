import { ExitCode } from '../../errors.ts';
import { defineCommand } from '../../cli/command.ts';
import { printOptions } from '../shared-options.ts';

/** `gctune profile`. */
export const profileCommand = defineCommand({
  name: 'profile',
  summary: 'Show which functions hold the memory or allocate it',
  details:
    'Reads the pprof profiles that a run kept (profiles: in the experiment), a profile file, its text form (?debug=1), or ' +
    'a profile at an address, which is asked once. The tables are those of go tool pprof -top: flat is the function alone, ' +
    'cum includes everything it calls. ' +
    'Values over several trials are means. Profiles are sampled, so small values are imprecise.',
  positionals: {
    source: {
      describe: 'Folder of a run, a profile (- is stdin), or the address of one: http://HOST:PORT has the usual path.',
      required: true,
      many: false,
    },
  },
  options: {
    cell: {
      type: 'string',
      value: '<factor=level>',
      describe: 'The cell of the run, e.g. gogc=10 or "gogc=10 gomemlimit=64MiB". Default: the baseline.',
    },
    workload: {
      type: 'string',
      value: '<name>',
      describe: 'The workload of the cell, if the run has several.',
    },
    type: {
      type: 'string',
      value: '<type>',
      describe:
        'Sample type: inuse_space, inuse_objects, alloc_space or alloc_objects; others in profiles of other kinds. ' +
        'Default for runs: inuse_space; for profiles: their own default.',
    },
    diff: {
      type: 'string',
      value: '<cell or profile>',
      describe: 'Show the difference from this cell, file or address. Percentages are relative to it.',
    },
    top: {
      type: 'number',
      value: '<number>',
      default: 20,
      describe: 'Maximum number of functions in a table; 0 for all.',
    },
    unit: {
      type: 'string',
      choices: ['MiB', 'KiB', 'GiB', 'B'],
      value: '<unit>',
      default: 'MiB',
      describe: 'Unit for bytes; with B they are written as in go tool pprof -top -unit=B.',
    },
    ...printOptions,
  },
  examples: [
    [
      'gctune profile results/kubo-20260102T030405Z-42 --cell gogc=10 --diff gogc=100',
      'what GOGC=10 holds less of than GOGC=100',
    ],
    ['gctune profile http://127.0.0.1:6060', 'the heap of a living program'],
    ['gctune profile heap.pb.gz --top 5 --unit B', 'as go tool pprof -top -nodecount=5 -unit=B'],
  ],
  exitCodes: [ExitCode.ok, ExitCode.usage, ExitCode.environment, ExitCode.corruptResults],
  run: async ({ values }, io) => (await import('./run.ts')).showProfile(values, io),
});
