import type { Analysis } from '../analysis/analysis.ts';
import { benchfmtReport } from './benchfmt.ts';
import { csvReport } from './csv.ts';
import { jsonReport } from './json.ts';
import { markdownReport } from './markdown.ts';
import { htmlReport } from './report-html.ts';
import type { TextOptions } from './text.ts';
import { textReport } from './text.ts';

/** The formats that a report can have. */
export const REPORT_FORMATS = ['html', 'md', 'text', 'csv', 'json', 'benchfmt'] as const;
/** The name of a report's format. */
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/**
 * Renders the report of an analysis, a pure function of it: the same analysis gives the same bytes. HTML takes about a
 * second, most of it to load and run Vega; the other formats take no time.
 */
export async function renderReport(
  analysis: Analysis,
  format: ReportFormat,
  options: TextOptions = {},
): Promise<string> {
  switch (format) {
    case 'html':
      return htmlReport(analysis);
    case 'md':
      return markdownReport(analysis);
    case 'text':
      return textReport(analysis, options);
    case 'csv':
      return csvReport(analysis);
    case 'json':
      return jsonReport(analysis);
    case 'benchfmt':
      return benchfmtReport(analysis);
  }
}
