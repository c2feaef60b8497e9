import type { Analysis } from '../analysis/analysis.ts';
import { benchfmtReport } from './benchfmt.ts';
import { csvReport } from './csv.ts';
import { writeMarkdown } from './document/write-markdown.ts';
import { writeText } from './document/write-text.ts';
import { actionBenchmarkReport } from './github/action-benchmark.ts';
import { jsonReport } from './json.ts';
import type { PageScript } from './page.ts';
import { reportDocument } from './report-document.ts';
import { htmlReport } from './report-html.ts';
import type { ReportFormat } from './report-formats.ts';

/** How a report is laid out. */
export interface ReportOptions {
  /** Columns of text; 80 where nothing is known. */
  readonly width?: number | undefined;
  /** What the page lets its reader ask of it; without it the page is complete, and stands still. */
  readonly script?: Omit<PageScript, 'data'> | undefined;
}

/**
 * Renders the report of an analysis, a pure function of it: the same analysis gives the same bytes. HTML takes about a
 * second, most of it to load and run Vega; the other formats take no time.
 */
export async function renderReport(
  analysis: Analysis,
  format: ReportFormat,
  { width = 80, script }: ReportOptions = {},
): Promise<string> {
  switch (format) {
    case 'html':
      return htmlReport(analysis, script);
    case 'md':
      return writeMarkdown(reportDocument(analysis));
    case 'text':
      return writeText(reportDocument(analysis), { width });
    case 'csv':
      return csvReport(analysis);
    case 'json':
      return jsonReport(analysis);
    case 'benchfmt':
      return benchfmtReport(analysis);
    case 'github-action-benchmark':
      return actionBenchmarkReport(analysis);
  }
}
