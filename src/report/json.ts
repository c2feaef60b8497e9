import type { Analysis } from '../analysis/analysis.ts';

/** The analysis as one JSON document; its version stands in `analysisVersion`. */
export function jsonReport(analysis: Analysis): string {
  return `${JSON.stringify(analysis)}\n`;
}
