import type { Levels } from '../../experiment/experiment.ts';
import type { MetricId } from '../../metrics/metrics.ts';
import type { Warning } from '../../metrics/warning.ts';
import type { Estimate } from '../../statistics/estimate.ts';
import type { Claim } from '../inference/verdict.ts';
import type { Difference } from './differences.ts';

/** Version of what `gctune compare --json` prints. */
export const COMPARISON_VERSION = 2;

/** Two runs, or two levels of a factor of one run, side by side: what every form of the comparison is made of. */
export interface RunComparison {
  readonly formatVersion: number;
  /** Where two levels of one run are compared, block by block, and not two runs. */
  readonly by?: { readonly factor: string; readonly base: string; readonly new: string };
  readonly base: ComparedRun;
  readonly new: ComparedRun;
  readonly confidence: number;
  /** A change must be greater than this share of the base's median to be called one. */
  readonly margin: number;
  readonly differences: readonly Difference[];
  /** Cells that one of the runs does not have. */
  readonly missing: readonly { readonly workload: string; readonly cell: string; readonly in: 'base' | 'new' }[];
  readonly cells: readonly ComparedCell[];
  /** Over all cells that both runs have: for each metric whose values are all positive. */
  readonly geometricMeans: readonly { readonly metric: MetricId; readonly cells: number; readonly ratio: Estimate }[];
  readonly warnings: readonly Warning[];
}

/** What is said of each of the two runs. */
export interface ComparedRun {
  readonly id: string;
  readonly startedAt: string;
  readonly artifact: string;
  readonly goVersion: string;
  /** The run, where the sides are two levels of one: `id` is the level then. */
  readonly run?: string;
}

/** One cell in both runs. */
export interface ComparedCell {
  readonly workload: string;
  readonly label: string;
  readonly levels: Levels;
  readonly metrics: readonly ComparedMetric[];
}

/** What is found of one metric in one cell. */
export interface ComparedMetric {
  readonly metric: MetricId;
  /** `primary`: p is adjusted after Holm (two runs) or by max-T (two levels of one); `exploratory`: after Benjamini and Hochberg. */
  readonly family: 'primary' | 'exploratory';
  /** Median over the trials that count; undefined where there are none. */
  readonly base: Estimate | undefined;
  readonly new: Estimate | undefined;
  /** New − base, in the metric's unit; n is that of the smaller side. */
  readonly difference: Estimate | undefined;
  /** New ÷ base, where all values are positive. */
  readonly ratio: Estimate | undefined;
  /** Exact two-sided p: of the Mann–Whitney test, of two levels of one run of the signed-rank test; null where there is none. */
  readonly p: number | null;
  readonly adjustedP: number | null;
  /** Cliff's delta of new against base, −1 to 1; null where one of them has no values. */
  readonly cliffsDelta: number | null;
  /** Of two levels of one run: matched-pairs rank-biserial correlation of the differences, −1 to 1. */
  readonly rankBiserial?: number | null;
  readonly verdict: ComparedVerdict;
  /** Why nothing can be said, or why what is seen is no change; undefined where the figures say it themselves. */
  readonly reason: string | undefined;
}

/** What may be said, as of any contrast; `smaller-than-matters`: than the margin; `not-comparable`: nothing at all. */
export type ComparedVerdict = Exclude<Claim, 'none'> | 'not-comparable';
