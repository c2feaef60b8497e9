import { ExitCode } from '../../errors.ts';
import { defineCommand } from '../../cli/command.ts';
import { quietOption } from '../shared-options.ts';

/** `gctune export`. */
export const exportCommand = defineCommand({
  name: 'export',
  summary: 'Write results or readings for Prometheus and Grafana',
  details:
    'Results are gauges with their intervals, each at the time its run began; readings are every figure that was read of the ' +
    'daemon, at the time it was read. promtool tsdb create-blocks-from openmetrics loads either into Prometheus; ' +
    'docs/export.md has the names and the dashboards.',
  positionals: {
    folder: { describe: 'Folder of a run, of several runs, or of a history.', required: true, many: false },
  },
  options: {
    what: {
      type: 'string',
      choices: ['results', 'readings'],
      default: 'results',
      value: '<what>',
      describe: 'Either results, what each cell came to, or readings, the daemon over time, which only runs have.',
      group: 'Export',
      environment: false,
    },
    format: {
      type: 'string',
      alias: 'f',
      choices: ['openmetrics', 'prometheus'],
      default: 'openmetrics',
      value: '<format>',
      describe:
        'How it is written. openmetrics: with times, to be loaded. prometheus: the newest results without times, for a textfile collector.',
      group: 'Output',
      environment: false,
    },
    output: {
      type: 'string',
      alias: 'o',
      value: '<file>',
      describe: 'File to write instead of stdout; it is replaced as a whole.',
      group: 'Output',
      environment: false,
    },
    quiet: quietOption,
  },
  examples: [
    ['gctune export results/nightly-1 --what readings -o readings.om', 'one run over time'],
    ['gctune export history -o history.om', 'every night of a history'],
    [
      'gctune export history --format prometheus -o textfiles/gctune.prom',
      'the newest night, for a textfile collector',
    ],
  ],
  exitCodes: [ExitCode.ok, ExitCode.usage, ExitCode.environment, ExitCode.noUsableResult, ExitCode.corruptResults],
  run: async ({ values }, io) => (await import('./run.ts')).exportResults(values, io),
});
