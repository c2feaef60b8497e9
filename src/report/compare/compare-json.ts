import { jsonDocument } from '../../text/json-text.ts';
import type { RunComparison } from '../../analysis/compare/run-comparison.ts';
import { verdictSentences } from './compare-words.ts';

/** The comparison as one JSON document. */
export function comparisonJson(comparison: RunComparison): string {
  const document = { ...comparison, sentences: verdictSentences(comparison) };
  return jsonDocument(document);
}
