import type { Analysis } from '../../analysis/analysis.ts';
import { ExitCode, UserError } from '../../errors.ts';
import { plainText } from '../../text/plain-text.ts';
import { renderReport } from '../../report/formats.ts';
import type { ReportFormat } from '../../report/report-formats.ts';
import type { Io } from '../../cli/io.ts';
import { namedRun } from '../../session/file-kind.ts';
import { shownPath } from '../../session/load-experiment.ts';
import { builtPageScript } from '../../session/page-script.ts';
import { analyseRun, reportRun } from '../../session/report-run.ts';
import { writeOutput } from '../../session/write-output.ts';

/** What `gctune report` is called with. */
export interface ReportValues {
  readonly run: readonly string[];
  readonly format: ReportFormat | undefined;
  readonly output: string | undefined;
}

/** Makes the reports of runs: into their folders, or in one format on stdout or into a file. */
export async function makeReports(values: ReportValues, io: Io): Promise<ExitCode> {
  const { format, output } = values;
  checkCombination(values);
  let usable = true;
  for (const run of values.run) {
    const folder = namedRun(run, io.cwd, 'report', '<run>');
    if (format === undefined) {
      const { analysis, reportFile, analysisFile } = await reportRun(folder);
      usable &&= hasResult(analysis);
      io.stdout.write(await renderReport(analysis, 'text'));
      io.stdout.write(
        `\nReport: ${plainText(shownPath(reportFile, io.cwd))}\nData:   ${plainText(shownPath(analysisFile, io.cwd))}\n`,
      );
    } else {
      const analysis = await analyseRun(folder);
      usable &&= hasResult(analysis);
      const text = await renderReport(analysis, format, format === 'html' ? { script: await builtPageScript() } : {});
      if (output === undefined) io.stdout.write(text);
      else await writeOutput(text, output, io.cwd);
    }
  }
  return usable ? ExitCode.ok : ExitCode.noUsableResult;
}

/** Formats of which two documents, one behind the other, are none. */
const WHOLE: ReadonlySet<ReportFormat | undefined> = new Set(['html', 'json', 'github-action-benchmark']);

function checkCombination({ run, format, output }: ReportValues): void {
  if (output !== undefined && format === undefined) {
    throw new UserError({
      code: 'bad-combination',
      message: '--output needs --format',
      at: '--output',
      hint: 'e.g. --format html',
    });
  }
  if (run.length > 1 && (output !== undefined || WHOLE.has(format))) {
    throw new UserError({
      code: 'bad-combination',
      message: `${run.length} runs do not fit in one ${output === undefined ? `${format} document` : 'file'}`,
      hint: 'write the reports one by one',
    });
  }
}

/** Whether any trial counts. */
function hasResult(analysis: Analysis): boolean {
  return analysis.workloads.some((workload) => workload.cells.some((cell) => cell.valid > 0));
}
