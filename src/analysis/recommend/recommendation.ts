import type { Gogc, Gomemlimit } from '../../experiment/experiment.ts';
import type { MetricId } from '../../metrics/metrics.ts';
import type { CellId } from '../../experiment/plan/plan.ts';
import type { Estimate } from '../../statistics/estimate.ts';
import type { WorkloadAnalysis } from '../analysis.ts';
import type { MissingPart } from '../../results/format.ts';
import type { Front } from '../inference/front-analysis.ts';
import type { MemoryLimit } from './memory-limit.ts';
import type { Limit, Rule, Wishes } from './wishes.ts';

/** Version of the document of `gctune recommend --json`. */
export const RECOMMENDATION_VERSION = 2;

/** Which setting to run, or why none can be named: one answer, or one for memory and one for CPU. */
export interface Recommendation {
  readonly formatVersion: number;
  readonly run: string;
  /** The file of its experiment, as it was named where the run began. */
  readonly experimentFile?: string;
  /** Of a run that was joined of parts: those that are missing, and what makes another run a part of the same plan. */
  readonly missing?: { readonly seed: number; readonly blocks: number; readonly parts: readonly MissingPart[] };
  /** The confidence that every interval was asked to have. */
  readonly confidence: number;
  readonly wishes: Wishes;
  /** The baseline's label. */
  readonly baseline: string | undefined;
  /** Blocks that the run has, and how long one of them took; null where that is not known. */
  readonly blocks: number;
  readonly blockSeconds: number | null;
  /** The first answer's setting that is not the baseline, else the baseline where every answer keeps it. */
  readonly chosen: ChosenSetting | undefined;
  /** Why none is recommended; undefined where one is. */
  readonly refusal: Refusal | undefined;
  /** One for each thing that is aimed at: memory first, then CPU. */
  readonly answers: readonly Answer[];
  /** The answers of each combination of further factors by itself, in the order of the run; absent where none varies. */
  readonly strata?: readonly StratumAnswer[];
  /** By workload, in the order of the run. */
  readonly workloads: readonly WorkloadView[];
}

/** What would be answered of one combination of levels of the further factors alone. */
export interface StratumAnswer {
  /** `version=new cpus=2`. */
  readonly label: string;
  /** In the order of the answers: the label of the setting; undefined where the answer is refused. */
  readonly settings: readonly (string | undefined)[];
}

/** The answer to one question. */
export interface Answer extends Rule {
  /** The setting to run; undefined where the answer is refused. */
  readonly chosen: ChosenSetting | undefined;
  /** Why the baseline is kept; undefined where it is not. */
  readonly kept: KeptBecause | undefined;
  readonly refusal: Refusal | undefined;
  /** Every measured setting and what speaks for and against it, in the order of the matrix. */
  readonly settings: readonly SettingVerdict[];
  /** By workload: what the chosen setting changes against the baseline. */
  readonly effects: readonly EffectView[];
}

/**
 * `best`: nothing else can turn out better; `little`: what else could be gained is small; `fits`: the baseline is within
 * the memory that was asked for, and nothing else is shown to be better.
 */
export type KeptBecause = 'best' | 'little' | 'fits';

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
  | 'not-shown'
  | 'limits-unmet'
  | 'limits-contradict';

/** Why none is recommended. */
export interface Refusal {
  readonly code: RefusalCode;
  /** How many blocks in all are forecast to settle it; null where more blocks would not, or it cannot be said. */
  readonly blocksNeeded: number | null;
  /** What stands in the way, setting by setting. */
  readonly obstacles: readonly Obstacle[];
}

/** One thing that is in the way of one setting. */
export interface Obstacle {
  readonly setting: string;
  readonly workload: string;
  readonly kind: 'limit' | 'gain' | 'excluded';
  readonly limit: Limit | undefined;
  readonly metric: MetricId | undefined;
  readonly estimate: Estimate | undefined;
  /** Of a gain: what the baseline takes of it; undefined of a limit. */
  readonly of: number | undefined;
  /** Of a gain: it may be chance among so many comparisons. */
  readonly chance: boolean;
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
  /**
   * `shown`, `loss`: the interval excludes "no change"; `open`: it does not; `chance`: it does, but among so many
   * comparisons that happens by chance; `little`: shown, and no more than the experiment says matters; `no-interval`: too
   * few blocks; `absent`: no figure.
   */
  readonly state: 'shown' | 'loss' | 'open' | 'chance' | 'little' | 'no-interval' | 'absent';
  /**
   * Against the baseline in what is aimed at: bytes (also of an exchange), a change of CPU as a fraction, or money a
   * month; negative is better.
   */
  readonly change: Estimate | undefined;
  /** What the baseline takes of it, in the same unit (1 for a fraction); undefined where that means nothing. */
  readonly of: number | undefined;
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

/** What a run's front looks like under one workload. */
export interface WorkloadView {
  readonly workload: string;
  readonly unit: WorkloadAnalysis['unit'];
  readonly front: Front | undefined;
}

/** An answer seen under one workload. */
export interface EffectView {
  readonly workload: string;
  readonly unit: WorkloadAnalysis['unit'];
  /** The chosen setting's price; undefined where none is chosen, or it is the baseline. */
  readonly effect: Effect | undefined;
  /** The next setting on the front beside the chosen one. */
  readonly alternative: (Effect & { readonly label: string }) | undefined;
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
