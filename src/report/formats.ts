import type { Analysis } from '../analysis/analysis.ts';
import { htmlReport } from './report-html.ts';

/** The formats that a report can have. */
export const REPORT_FORMATS = ['html', 'md', 'text', 'csv', 'json', 'benchfmt'] as const;
/** The name of a report's format. */
export type ReportFormat = (typeof REPORT_FORMATS)[number];

export async function renderReport(analysis: Analysis, format: ReportFormat): Promise<string> {
  if (format === 'json') return JSON.stringify(analysis);
  return htmlReport(analysis);
}
