import type { FactorComparison } from '../../analysis/compare/compare-by.ts';
import type { Block } from '../document/document.ts';
import { comparisonBlocks } from './compare-document.ts';

/** `By version`, as a heading has it. */
export function factorTitle({ factor }: FactorComparison): string {
  return `By ${factor}`;
}

/** The levels of a factor against its baseline level, as the report has it: without what the report says at its top. */
export function factorBlocks({ comparisons }: FactorComparison): readonly Block[] {
  return comparisons.flatMap((comparison) => comparisonBlocks({ ...comparison, warnings: [] }, false));
}
