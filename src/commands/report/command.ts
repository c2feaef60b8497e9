import { ExitCode } from '../../errors.ts';
import { REPORT_FORMATS } from '../../report/report-formats.ts';
import { defineCommand } from '../../cli/command.ts';

/** `gctune report`. */
export const reportCommand = defineCommand({
  name: 'report',
  summary: 'Make a report from the folder of a run',
  details:
    'Works on interrupted runs, on other machines and without a network. The same folder and the same version of ' +
    'gctune give the same bytes.',
  positionals: { run: { describe: 'Folders of runs, as results/gogc-sweep-….', required: true, many: true } },
  options: {
    format: {
      type: 'string',
      alias: 'f',
      choices: REPORT_FORMATS,
      value: '<format>',
      describe: 'Without it: report.html and analysis.json in the folder, the finding on stdout.',
    },
    output: {
      type: 'string',
      alias: 'o',
      value: '<file>',
      describe: 'Write the report there instead of on stdout. Needs --format.',
      environment: false,
    },
  },
  examples: [
    ['gctune report results/gogc-sweep-20260102T030405Z-42', 'make its report.html again'],
    ['gctune report results/gogc-sweep-20260102T030405Z-42 -f md', 'markdown on stdout'],
    ['gctune report results/gogc-sweep-20260102T030405Z-42 -f benchfmt | benchstat -', 'for the tools of Go'],
  ],
  exitCodes: [ExitCode.ok, ExitCode.usage, ExitCode.noUsableResult, ExitCode.corruptResults],
  run: async ({ values }, io) => (await import('./run.ts')).makeReports(values, io),
});
