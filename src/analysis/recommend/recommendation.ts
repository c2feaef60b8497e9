import type { Gogc, Gomemlimit } from '../../experiment/experiment.ts';
import type { MetricId } from '../../experiment/metrics.ts';
import type { CellId } from '../../experiment/plan.ts';
import type { Estimate } from '../../statistics/estimate.ts';
import type { WorkloadAnalysis } from '../analysis.ts';
import type { Front } from './front-analysis.ts';
import type { MemoryLimit } from './memory-limit.ts';
import type { Limit, Wishes } from './wishes.ts';

/** Version of the document of `gctune recommend --json`. */
export const RECOMMENDATION_VERSION = 1;

/** Which setting to run, or why none can be named. */
export interface Recommendation {
  readonly formatVersion: number;
  readonly run: string;
  /** The confidence that every interval was asked to have. */
  readonly confidence: number;
  readonly wishes: Wishes;
  /** The baseline's label. */
  readonly baseline: string | undefined;
  /** The setting to run; undefined where the recommendation is refused. */
  readonly chosen: ChosenSetting | undefined;
  /** Why none is recommended; undefined where one is. */
  readonly refusal: Refusal | undefined;
  /** Every measured setting and what speaks for and against it, in the order of the matrix. */
  readonly settings: readonly SettingVerdict[];
  /** By workload, in the order of the run. */
  readonly workloads: readonly WorkloadView[];
}

/** The setting to run. */
export interface ChosenSetting {
  readonly gogc: Gogc;
  readonly gomemlimit: Gomemlimit;
  readonly label: string;
  readonly baseline: boolean;
  /** What is advised on a memory limit beside it, which was not measured; or the one that it was measured with. */
  readonly memoryLimit: MemoryLimit;
}

/** Stable codes of why no setting is recommended. */
export type RefusalCode =
  | 'baseline-invalid'
  | 'cells-invalid'
  | 'too-few-blocks'
  | 'overlap'
  | 'noise-floor'
  | 'limits-unmet'
  | 'limits-contradict';

/** Why none is recommended. */
export interface Refusal {
  readonly code: RefusalCode;
  /** How many further blocks are forecast to settle it; null where more blocks would not, or it cannot be said. */
  readonly blocksMore: number | null;
  /** What stands in the way, setting by setting. */
  readonly obstacles: readonly Obstacle[];
}

/** One thing that is in the way of one setting. */
export interface Obstacle {
  readonly setting: string;
  readonly workload: string;
  readonly kind: 'limit' | 'gain' | 'noise' | 'excluded';
  readonly limit: Limit | undefined;
  readonly metric: MetricId | undefined;
  readonly estimate: Estimate | undefined;
  /** Blocks in all that are forecast to settle it. */
  readonly blocksNeeded: number | null;
  readonly reason: string | undefined;
}

/** How a setting stands to one limit under one workload. */
export interface Judgement {
  readonly workload: string;
  readonly limit: Limit;
  readonly metric: MetricId | undefined;
  /**
   * `met`: the interval's upper end is within the limit; `broken`: its lower end is beyond; `open`: it lies on both
   * sides; `no-interval`: too few blocks for one; `absent`: no figure.
   */
  readonly state: 'met' | 'broken' | 'open' | 'no-interval' | 'absent';
  /** What was judged: a ratio to the baseline, or the median. Undefined for the baseline against itself. */
  readonly estimate: Estimate | undefined;
  readonly blocksNeeded: number | null;
  /** Why there is no figure although it was measured. */
  readonly reason?: string;
}

/** Whether a setting is better than the baseline in what is aimed at. */
export interface Gain {
  readonly workload: string;
  /** `shown`: beyond its interval and the noise floor; `noise`: not beyond what the same setting run twice shows. */
  readonly state: 'shown' | 'loss' | 'open' | 'noise' | 'no-interval' | 'absent';
  /** Against the baseline in what is aimed at: bytes (also of an exchange), or money a month; negative is better. */
  readonly change: Estimate | undefined;
  readonly blocksNeeded: number | null;
}

/** What speaks for and against one setting, over all workloads. */
export interface SettingVerdict {
  readonly gogc: Gogc;
  readonly gomemlimit: Gomemlimit;
  readonly label: string;
  readonly baseline: boolean;
  readonly cells: readonly CellId[];
  /** Why it is not to be chosen whatever its figures say. */
  readonly excluded: string | undefined;
  readonly judgements: readonly Judgement[];
  /** Empty for the baseline. */
  readonly gains: readonly Gain[];
}

/** The answer seen under one workload. */
export interface WorkloadView {
  readonly workload: string;
  readonly unit: WorkloadAnalysis['unit'];
  /** The chosen setting's price; undefined where none is chosen, or it is the baseline. */
  readonly effect: Effect | undefined;
  /** The next setting on the front beside the chosen one. */
  readonly alternative: (Effect & { readonly label: string }) | undefined;
  readonly front: Front | undefined;
}

/** One cell against another, paired by block. */
export interface Effect {
  readonly memory: MetricEffect | undefined;
  readonly cost: MetricEffect | undefined;
  readonly latency: MetricEffect | undefined;
}

/** In one metric: what it is of, the difference in its unit, and the ratio. */
export interface MetricEffect {
  readonly metric: MetricId;
  readonly from: Estimate;
  readonly difference: Estimate;
  readonly ratio: Estimate | undefined;
}
