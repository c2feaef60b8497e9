import { ExitCode } from '../../errors.ts';
import { defineCommand } from '../../cli/command.ts';
import { printOptions } from '../shared-options.ts';

/** `gctune gctrace`. */
export const gctraceCommand = defineCommand({
  name: 'gctrace',
  summary: 'Show what a log with GODEBUG=gctrace=1 says: GC CPU, pauses and heap over time, process by process',
  details:
    'Finds the lines of Go 1.6 and newer in any log (journald, Docker, Kubernetes, JSON lines, go test) and keeps the processes ' +
    'that wrote them apart. The log is read as it comes, of whatever size; Ctrl-C shows what has been read until then.',
  positionals: { file: { describe: 'The log; - reads stdin.', required: true, many: false } },
  options: {
    process: {
      type: 'number',
      least: 1,
      value: '<number>',
      describe:
        'Show this process in full. Default: the one with the most GC CPU, and on pages the first eight of these.',
      group: 'Input',
      environment: false,
    },
    ...printOptions,
    output: {
      type: 'string',
      alias: 'o',
      value: '<file>',
      describe: 'Also write an HTML page with charts, e.g. gctrace.html.',
      group: 'Output',
      environment: false,
    },
  },
  examples: [
    ['gctune gctrace app.log', 'a log, whatever else is in it'],
    ['journalctl -u app -o short-iso | gctune gctrace - -o gc.html', 'from a pipe, and the charts'],
    ['docker logs app 2>&1 | gctune gctrace - --json', 'everything as one document'],
  ],
  exitCodes: [ExitCode.ok, ExitCode.usage, ExitCode.environment],
  run: async ({ values }, io) => (await import('./run.ts')).gctrace(values, io),
});
