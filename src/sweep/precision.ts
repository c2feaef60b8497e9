import type { AdaptiveBlocks } from '../experiment/experiment.ts';
import type { RunEnd } from '../results/format.ts';
import type { ContrastWidth } from './event.ts';

/** Measures, after a block, how precisely the primary contrasts are known; made by whoever can analyse a run. */
export type MeasureWidths = (folder: string) => Promise<readonly ContrastWidth[]>;

/** Where an adaptive run stands after a block. */
export interface Standing {
  readonly block: number;
  /** Time since the first trial began, and what a block took on average. */
  readonly elapsedSeconds: number;
  readonly blockSeconds: number;
  readonly widths: readonly ContrastWidth[];
}

/**
 * Whether a run ends after this block, and why: never before the least number of blocks; then when every interval can be
 * expected to be narrow enough, or when the next block would not end within the budget. It knows widths and time, and
 * nothing of what the contrasts say: a rule that looked at p would stop at the chance that it waits for.
 */
export function endAfter(
  { min, precision, budgetSeconds }: AdaptiveBlocks,
  { block, elapsedSeconds, blockSeconds, widths }: Standing,
): Extract<RunEnd, 'precision-reached' | 'budget-spent'> | undefined {
  if (block < min) return undefined;
  if (widths.length > 0 && widths.every(({ halfWidth }) => halfWidth !== null && halfWidth <= precision)) {
    return 'precision-reached';
  }
  return budgetSeconds !== undefined && elapsedSeconds + blockSeconds > budgetSeconds ? 'budget-spent' : undefined;
}

/**
 * How many more blocks are forecast, since an interval narrows as 1/√n: n·(width ÷ asked)² − n for the widest, and no
 * fewer than the minimum asks for. Null where an interval is still missing; never more than the plan has left.
 */
export function blocksLeft(
  { min, precision }: AdaptiveBlocks,
  block: number,
  most: number,
  widths: readonly ContrastWidth[],
): number | null {
  if (widths.length === 0 || widths.some(({ halfWidth }) => halfWidth === null)) return null;
  const widest = Math.max(...widths.map(({ halfWidth }) => halfWidth ?? 0));
  const needed = widest <= precision ? block : Math.ceil(block * (widest / precision) ** 2);
  return Math.max(0, Math.min(most, Math.max(needed, min)) - block);
}

/** The widest contrast of each metric, in the order of the metrics; one without an interval counts as the widest. */
export function widestOf(widths: readonly ContrastWidth[]): readonly ContrastWidth[] {
  return [...Map.groupBy(widths, ({ metric }) => metric).values()].flatMap((own) =>
    own.toSorted((a, b) => (b.halfWidth ?? Infinity) - (a.halfWidth ?? Infinity)).slice(0, 1),
  );
}
