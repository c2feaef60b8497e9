import { jsonText } from '../text/json-text.ts';
import type { Analysis } from '../analysis/analysis.ts';

/** The analysis as one JSON document; its version stands in `analysisVersion`. */
export function jsonReport(analysis: Analysis): string {
  return `${jsonText(analysis)}\n`;
}
