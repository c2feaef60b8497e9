import { ExitCode } from '../../errors.ts';
import { defineCommand } from '../../cli/command.ts';
import { printOptions } from '../shared-options.ts';

/** `gctune heapdump`. */
export const heapdumpCommand = defineCommand({
  name: 'heapdump',
  summary: 'Show what a Go heap dump holds: what is live, what is garbage, and what retains it',
  details:
    'Reads dumps written by runtime/debug.WriteHeapDump (Go 1.7 and newer). A dump has no variable names: give the ' +
    'program that wrote it with --binary to get them. --output writes an HTML page with a treemap to explore.',
  positionals: { file: { describe: 'The dump.', required: true, many: false } },
  options: {
    binary: {
      type: 'string',
      value: '<program>',
      describe: 'The exact binary that wrote the dump (ELF, not stripped), for the names of its variables.',
      environment: false,
    },
    top: { type: 'number', least: 1, value: '<number>', default: 15, describe: 'Number of rows in each table.' },
    output: {
      type: 'string',
      alias: 'o',
      value: '<file>',
      describe: 'Write the page with a treemap, which --format html prints, there too.',
      environment: false,
    },
    ...printOptions,
  },
  examples: [
    ['gctune heapdump heap.dump', 'what is live, what is garbage, what retains it'],
    ['gctune heapdump heap.dump --binary ./daemon -o heap.html', 'with names, and a page to explore'],
    ['gctune heapdump heap.dump --json', 'everything as one document'],
  ],
  exitCodes: [ExitCode.ok, ExitCode.usage, ExitCode.environment],
  run: async ({ values }, io) => (await import('./run.ts')).heapdump(values, io),
});
