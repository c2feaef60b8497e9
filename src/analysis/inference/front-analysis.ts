import type { MetricId } from '../../metrics/metrics.ts';
import type { CellId } from '../../experiment/plan/plan.ts';
import type { Estimate } from '../../statistics/estimate.ts';

/** The Pareto front of a workload: the cells that no other one beats in memory, CPU and p99 together. */
export interface Front {
  /** What the cells are compared in, all "lower is better": memory, its price, and p99 where there is one. */
  readonly metrics: readonly MetricId[];
  /** Blocks in which every compared cell has every metric: the n of all figures of the front. */
  readonly blocks: number;
  /** Resamples of whole blocks that the probabilities are of; 0 where there are too few blocks to resample. */
  readonly resamples: number;
  /** The compared cells in the order of the matrix. */
  readonly cells: readonly FrontCell[];
  /** Cells that are not compared, and why. */
  readonly excluded: readonly { readonly cell: CellId; readonly label: string; readonly reason: string }[];
  /** Between neighbours on the front, leanest first. */
  readonly exchanges: readonly Exchange[];
}

/** A cell that was compared for the front. */
export interface FrontCell {
  readonly cell: CellId;
  readonly label: string;
  /** Medians over the complete blocks, in the order of the front's metrics. */
  readonly medians: readonly number[];
  /** Whether the medians are on the front. */
  readonly member: boolean;
  /** The share of resamples in which the cell is on the front; null where there are too few blocks. */
  readonly probability: number | null;
}

/** What the leaner of two neighbours on the front saves for what it costs more. */
export interface Exchange {
  readonly leaner: CellId;
  readonly richer: CellId;
  /** Bytes of memory saved for each percent of the baseline's CPU (0.01 of it). */
  readonly bytesPerPercent: Estimate;
}
