/** The formats that a report can have. */
export const REPORT_FORMATS = ['html', 'md', 'text', 'csv', 'json', 'benchfmt', 'github-action-benchmark'] as const;
/** The name of a report's format. */
export type ReportFormat = (typeof REPORT_FORMATS)[number];
