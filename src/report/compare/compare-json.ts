import { jsonText } from '../../text/json-text.ts';
import type { RunComparison } from '../../analysis/compare/run-comparison.ts';
import { verdictSentences } from './compare-words.ts';

/** The comparison as one JSON document. Every key is always there: what does not apply is null. */
export function comparisonJson(comparison: RunComparison): string {
  const document = { ...comparison, sentences: verdictSentences(comparison) };
  return `${jsonText(document, 2, (_, value) => (value === undefined ? null : value))}\n`;
}
