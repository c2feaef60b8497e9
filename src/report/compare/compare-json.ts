import { jsonDocument } from '../../text/json-text.ts';
import type { FactorComparison } from '../../analysis/compare/compare-by.ts';
import type { RunComparison } from '../../analysis/compare/run-comparison.ts';
import { verdictSentences } from './compare-words.ts';

/** The comparison as one JSON document. */
export function comparisonJson(comparison: RunComparison): string {
  return jsonDocument(withSentences(comparison));
}

/** The comparisons of a factor's levels as one JSON document: a comparison for each level, of the same form. */
export function factorJson({ factor, comparisons }: FactorComparison): string {
  return jsonDocument({
    formatVersion: comparisons[0]?.formatVersion,
    factor,
    comparisons: comparisons.map(withSentences),
  });
}

function withSentences(comparison: RunComparison): RunComparison & { readonly sentences: readonly string[] } {
  return { ...comparison, sentences: verdictSentences(comparison) };
}
