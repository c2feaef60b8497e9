import type { FactorComparison } from '../../analysis/compare/compare-by.ts';
import type { Block } from '../document/document.ts';
import { primarySentences } from './compare-words.ts';
import { comparisonBlocks } from './compare-document.ts';

/** `By version`, as a heading has it. */
export function factorTitle({ factor }: FactorComparison): string {
  return `By ${factor}`;
}

/** What the primary metrics show of a factor: `By version: new against old: …`. */
export function factorSentences(one: FactorComparison): readonly string[] {
  return one.comparisons.flatMap((comparison) =>
    primarySentences(comparison).map(
      (text) => `${factorTitle(one)}, ${comparison.by?.new} against ${comparison.by?.base}: ${text}`,
    ),
  );
}

/** The levels of a factor against its baseline level, as the report has it: without what the report says at its top. */
export function factorBlocks({ comparisons }: FactorComparison): readonly Block[] {
  return comparisons.flatMap((comparison) => comparisonBlocks({ ...comparison, warnings: [] }, false));
}
