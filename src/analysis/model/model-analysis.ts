import type { MetricId } from '../../metrics/metrics.ts';
import type { CellId } from '../../experiment/plan/plan.ts';
import type { Estimate } from '../../statistics/estimate.ts';

/** What theory says of a workload's sweep, held against what was measured (the Go GC guide's cost model). */
export interface CostModel {
  /** One for each metric that the theory speaks of and that at least two levels have. */
  readonly laws: readonly Law[];
  /** Why there is none although there are several levels: `all levels have GOGC=10`. */
  readonly unfitted?: string;
  /** What the collector costs at least; absent where the target's GC CPU is not known, or over-counted in every level. */
  readonly lowerBound?: LowerBound;
}

/**
 * `memory`: H = intercept + slope · g. `cost`: c = intercept + slope ÷ g. g = GOGC ÷ 100; both coefficients are in the
 * unit of the metric.
 */
export interface Law {
  readonly kind: 'memory' | 'cost';
  readonly metric: MetricId;
  /** p or a: the Hodges–Lehmann location of one fit for each block. */
  readonly intercept: Estimate;
  /** q or b. */
  readonly slope: Estimate;
  /** Every level with figures, in the order of the matrix. */
  readonly cells: readonly LawCell[];
  /** Levels that were not run, ascending; only those of which an interval can be told. */
  readonly predictions: readonly Prediction[];
}

/** A level beside the law. */
export interface LawCell {
  readonly cell: CellId;
  readonly label: string;
  readonly gogc: number | 'off';
  /** The median of the cell as it was measured. */
  readonly measured: number;
  /** Why the law is not fitted to it. */
  readonly excluded?: Exclusion;
  /** What the other levels predict for it; absent where it is excluded or fewer than three others are left. */
  readonly leftOut?: Estimate;
  /** Whether the measured median lies in the interval of that. */
  readonly inside?: boolean;
  /** Whether it is more than 5 % off and outside even of the interval that allows for testing every level of the law (Bonferroni). */
  readonly breaks?: boolean;
}

/** Why the theory does not hold for a level, as far as that is known before it is fitted. */
export interface Exclusion {
  readonly code: 'gogc-off' | 'not-comparable' | 'memory-limit' | 'minimum-heap' | 'forced-cycles' | 'too-few-cycles';
  /** Half a sentence: `the least heap of 4 MiB × GOGC ÷ 100 rules, not GOGC`. */
  readonly reason: string;
}

/** What a level that was not run would show in the blocks of this run. */
export interface Prediction {
  readonly gogc: number;
  readonly estimate: Estimate;
  /** It lies outside of the levels that were run. */
  readonly extrapolated: boolean;
}

/**
 * The lower bound of what the collector costs (Cai et al., ISPASS 2022): the least CPU that any cell needs without its
 * visible GC CPU is taken for the work itself; what a cell uses beyond is the collector's doing.
 */
export interface LowerBound {
  readonly metric: MetricId;
  /** The cells whose CPU without GC is least in one half of the blocks and stands for the work in the other: one, or two. */
  readonly distilledFrom: readonly CellId[];
  /** Levels that may not stand for the work, since their GC CPU is over-counted. */
  readonly refused: readonly CellId[];
  /** That CPU, in the metric's unit. */
  readonly distilled: Estimate;
  /** CPU of each level ÷ the distilled CPU, block by block. */
  readonly cells: readonly { readonly cell: CellId; readonly label: string; readonly ratio: Estimate }[];
}
