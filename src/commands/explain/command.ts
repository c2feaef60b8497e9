import { ExitCode } from '../../errors.ts';
import { defineCommand } from '../../cli/command.ts';
import { briefFormatOption, printOptions, wholeOption } from '../shared-options.ts';

/** `gctune explain`. */
export const explainCommand = defineCommand({
  name: 'explain',
  summary: 'Show where the memory of a Go process is, and why ps and pprof differ',
  details:
    'Adds up the memory held by the Go runtime (objects, space in spans, idle heap, stacks, metadata) and the memory outside ' +
    'it to RSS, and explains what is commonly misread in these figures. Takes one input: the folder of a run, a running ' +
    'process (--pid, --url or both, or --container) or saved counters (--memstats). A running process is only read: by its ' +
    'memory, or by what it serves, once, or every few seconds with --for. Without an input, lists the Go processes of this ' +
    'machine (Linux).',
  positionals: { run: { describe: 'Folder of a run.', required: false, many: false } },
  options: {
    url: {
      type: 'string',
      value: '<url>',
      describe:
        'Where the process serves its counters: /debug/vars, a Prometheus page or /debug/pprof/heap?debug=1. Without a path, the usual ones are tried.',
      group: 'Input',
      environment: false,
    },
    pid: {
      type: 'number',
      least: 1,
      value: '<number>',
      describe:
        'Id of a Go process, to read its memory (Linux; needs the right to trace it) and its RSS. With --url, of the process behind it.',
      group: 'Input',
      environment: false,
    },
    container: {
      type: 'string',
      value: '<name>',
      describe: 'A running Docker container. Its Go process and port are detected, unless --url is given.',
      group: 'Input',
      environment: false,
    },
    memstats: {
      type: 'string',
      array: true,
      value: '<file>',
      describe:
        'File with saved counters in any of these forms, or dumps of runtime.MemStats; - reads stdin. Several dumps, in one file or in several (repeat the flag), are taken as one process over time.',
      group: 'Input',
      environment: false,
    },
    for: {
      type: 'duration',
      value: '<duration>',
      describe: 'Watch the process this long and explain what grows, e.g. 10m. Ctrl-C ends it early.',
      group: 'Input',
      environment: false,
    },
    every: {
      type: 'duration',
      value: '<duration>',
      describe: 'Time between two readings with --for. Default: 10s.',
      group: 'Input',
      environment: false,
    },
    rss: {
      type: 'string',
      value: '<size>',
      describe: 'RSS at the time of the counters, e.g. 316252KiB or 918.7MiB. ps prints KiB without saying so.',
      group: 'Input',
      environment: false,
    },
    'pprof-heap': {
      type: 'string',
      value: '<size>',
      describe: 'Total inuse_space of a heap profile, as pprof prints it, e.g. 87.51MB.',
      group: 'Input',
      environment: false,
    },
    instance: {
      type: 'string',
      value: '<label>',
      describe:
        'Which process of a page with several: a label, its value, or the prefix of its names, e.g. 10.0.0.7:9090.',
      group: 'Input',
      environment: false,
    },
    ...printOptions,
    format: { ...briefFormatOption<never>(), environment: false },
    verbose: wholeOption,
    output: {
      type: 'string',
      alias: 'o',
      value: '<file>',
      describe: 'Also write an HTML page with a waterfall chart, e.g. memory.html.',
      group: 'Output',
      environment: false,
    },
  },
  examples: [
    ['gctune explain --pid 1234 -o memory.html', 'a running process, which need not serve anything, and the chart'],
    ['gctune explain --pid 1234 --for 10m', 'watched for a while: does it leak?'],
    ['gctune explain --memstats vars.json --rss 316252KiB --pprof-heap 87.51MB', 'saved counters'],
  ],
  exitCodes: [ExitCode.ok, ExitCode.usage, ExitCode.environment, ExitCode.noUsableResult, ExitCode.corruptResults],
  run: async ({ values }, io) => (await import('./run.ts')).explain(values, io),
});
