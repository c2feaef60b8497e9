import { ExitCode } from '../../errors.ts';
import { defineCommand } from '../../cli/command.ts';
import { printOptions } from '../shared-options.ts';

/** `gctune explain`. */
export const explainCommand = defineCommand({
  name: 'explain',
  summary: 'Say where the memory of a Go process is, and why ps and pprof differ',
  details:
    'Adds up what the Go runtime holds (objects, room in spans, idle heap, stacks, its own books) and what lies outside ' +
    'it to RSS, and says what is commonly misread in these figures. Takes one input: the folder of a run, a living ' +
    'process (--url with --pid, or --container) or saved counters (--memstats). A living process is only read, and once.',
  positionals: { run: { describe: 'Folder of a run.', required: false, many: false } },
  options: {
    url: {
      type: 'string',
      value: '<url>',
      describe:
        'Where the process shows its counters: /debug/vars, a Prometheus page or /debug/pprof/heap?debug=1. Without a path the usual ones are tried.',
      group: 'Input',
      environment: false,
    },
    pid: {
      type: 'number',
      least: 1,
      value: '<number>',
      describe: 'The process behind --url, for its RSS.',
      group: 'Input',
      environment: false,
    },
    container: {
      type: 'string',
      value: '<name>',
      describe: 'A running Docker container. Its Go process and its port are found, unless --url says where.',
      group: 'Input',
      environment: false,
    },
    memstats: {
      type: 'string',
      value: '<file>',
      describe: 'Saved counters in any of these forms, or a pasted dump of runtime.MemStats; - is stdin.',
      group: 'Input',
      environment: false,
    },
    rss: {
      type: 'string',
      value: '<size>',
      describe: 'RSS at the time of the counters, as 316252KiB. ps prints KiB.',
      group: 'Input',
      environment: false,
    },
    'pprof-heap': {
      type: 'string',
      value: '<size>',
      describe: 'What a heap profile said of inuse_space, as pprof prints it: 87.51MB.',
      group: 'Input',
      environment: false,
    },
    ...printOptions,
    output: {
      type: 'string',
      alias: 'o',
      value: '<file>',
      describe: 'Write a page with the waterfall chart there too, as memory.html.',
      group: 'Output',
      environment: false,
    },
  },
  examples: [
    ['gctune explain --url http://127.0.0.1:5001/debug/vars --pid 1234', 'a living process'],
    ['gctune explain --container ipfs -o memory.html', 'a container, and the chart'],
    ['gctune explain --memstats vars.json --rss 316252KiB --pprof-heap 87.51MB', 'what was saved'],
  ],
  exitCodes: [ExitCode.ok, ExitCode.usage, ExitCode.environment, ExitCode.noUsableResult, ExitCode.corruptResults],
  run: async ({ values }, io) => (await import('./run.ts')).explain(values, io),
});
