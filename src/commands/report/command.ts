import { ExitCode } from '../../errors.ts';
import { REPORT_FORMATS } from '../../report/report-formats.ts';
import { defineCommand } from '../../cli/command.ts';

/** `gctune report`. */
export const reportCommand = defineCommand({
  name: 'report',
  summary: 'Write a report from the folder of a run',
  details:
    'Also works for interrupted runs, on other machines and offline. The same folder and the same version of ' +
    'gctune give the same bytes.',
  positionals: { run: { describe: 'Folders of runs, e.g. results/gogc-sweep-….', required: true, many: true } },
  options: {
    format: {
      type: 'string',
      alias: 'f',
      choices: REPORT_FORMATS,
      value: '<format>',
      describe: 'Default: write report.html and analysis.json to the folder and the finding to stdout.',
    },
    output: {
      type: 'string',
      alias: 'o',
      value: '<file>',
      describe: 'Write the report to this file instead of stdout. Needs --format.',
      environment: false,
    },
  },
  examples: [
    ['gctune report results/gogc-sweep-20260102T030405Z-42', 'write its report.html again'],
    ['gctune report results/gogc-sweep-20260102T030405Z-42 -f benchfmt | benchstat -', 'for Go’s benchstat'],
    [
      'gctune report results/nightly-1 -f github-action-benchmark -o benchmark.json',
      'for that action, customSmallerIsBetter',
    ],
  ],
  exitCodes: [ExitCode.ok, ExitCode.usage, ExitCode.environment, ExitCode.noUsableResult, ExitCode.corruptResults],
  run: async ({ values }, io) => (await import('./run.ts')).makeReports(values, io),
});
