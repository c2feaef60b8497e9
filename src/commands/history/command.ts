import { ExitCode } from '../../errors.ts';
import { defineCommand } from '../../cli/command.ts';
import { briefFormatOption, colorOption, jsonOption, wholeOption } from '../shared-options.ts';

/** `gctune history`. */
export const historyCommand = defineCommand({
  name: 'history',
  summary: 'Show a history: each metric of each cell from night to night, and what changed for good, and when',
  details:
    'For each series the last stable level with its interval, the nights in which it changed for good (E-divisive), and the commits behind ' +
    'each change. Where the experiment names a canary, changes of the machine are told from those of the daemon.',
  positionals: { history: { describe: 'Folder that gctune record has written to.', required: true, many: false } },
  options: {
    experiment: {
      type: 'string',
      value: '<name>',
      describe: 'Nights of this experiment. Default: that of the newest night.',
      group: 'History',
      environment: false,
    },
    nights: {
      type: 'number',
      least: 1,
      value: '<number>',
      default: 200,
      describe: 'Number of nights to look back on; csv and parquet hold all.',
      group: 'History',
      environment: false,
    },
    format: { ...briefFormatOption('csv', 'parquet'), environment: false },
    verbose: wholeOption,
    json: jsonOption,
    color: colorOption,
    output: {
      type: 'string',
      alias: 'o',
      value: '<file>',
      describe:
        'Also write an HTML page with charts, e.g. history.html; with --format parquet, the file that is written.',
      group: 'Output',
      environment: false,
    },
  },
  examples: [
    ['gctune history history -o history.html', 'the answer, and a page with charts'],
    ['gctune history history --format parquet -o nights.parquet', 'for DuckDB or pandas'],
  ],
  exitCodes: [ExitCode.ok, ExitCode.usage, ExitCode.environment, ExitCode.corruptResults],
  run: async ({ values }, io) => (await import('./run.ts')).showHistory(values, io),
});
