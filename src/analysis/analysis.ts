import type { Levels } from '../experiment/experiment.ts';
import type { FactorLevels } from '../experiment/factors.ts';
import type { MetricDefinition, MetricId } from '../metrics/metrics.ts';
import type { Cell, CellId } from '../experiment/plan/plan.ts';
import type { Warning } from '../metrics/warning.ts';
import type { Drift, Outcome, RunManifest } from '../results/format.ts';
import type { BlockPermutationTest } from '../statistics/block-permutation.ts';
import type { Estimate } from '../statistics/estimate.ts';
import type { AllocationSites } from './per-cell/allocation-sites.ts';
import type { LimitNeed } from './per-trial/limit-need.ts';
import type { CostModel } from './model/model-analysis.ts';
import type { FactorComparison } from './compare/compare-by.ts';
import type { AssertionReport } from './assert/assertion-report.ts';
import type { Axes } from './inference/axes.ts';
import type { Front } from './inference/front-analysis.ts';
import type { Recommendation } from './recommend/recommendation.ts';
import type { NodeAnalysis } from './inference/nodes.ts';
import type { Sensitivity } from './inference/sensitivity.ts';
import type { Verdict } from './inference/verdict.ts';

/** Version of `analysis.json`. 1: contrasts without families, no noise; 2: no verdicts, sentences without their workload; `upgrade-analysis.ts` brings both up to date. */
export const ANALYSIS_VERSION = 3;

/** The one document that every report is a pure function of. */
export interface Analysis {
  readonly analysisVersion: number;
  /** Where not every planned trial was run: how many were, and why. */
  readonly cut?: Cut;
  /** Of a run that was resumed: each gctune that worked on it. */
  readonly sessions?: readonly Session[];
  readonly run: RunManifest;
  /** Definitions of every metric that has at least one figure, in the registry's order. */
  readonly metrics: readonly MetricDefinition[];
  readonly workloads: readonly WorkloadAnalysis[];
  readonly trials: readonly TrialSummary[];
  /** The finding in plain sentences, for each workload the most important first. */
  readonly finding: readonly Finding[];
  /** All warnings: of the run, the cells, the trials; duplicates folded into one with a count in the message. */
  readonly warnings: readonly Warning[];
  /** Facts for the methods section: confidence, interval methods, numbers of trials, what ended the run. */
  readonly methods: readonly Method[];
  /** What the default rule recommends; absent in documents of older versions. */
  readonly recommendation?: Recommendation;
  /** What repeated trials, and changes while the run was interrupted, may hide; absent where there were none. */
  readonly sensitivity?: Sensitivity;
  /** Of a run that was joined of parts: the machines it ran on. */
  readonly nodes?: NodeAnalysis;
  /** The levels of each further factor that varies against its baseline level, pair by pair; absent where none varies. */
  readonly factors?: readonly FactorComparison[];
  /** What became of what the experiment asserts; absent where it asserts nothing. */
  readonly assertions?: AssertionReport;
}

/** A sentence of the finding. */
export interface Finding {
  readonly workload: string;
  readonly text: string;
}

/** A sentence on how the figures came about. */
export interface Method {
  /** `inference`: how contrasts are judged, which is made anew where an analysis is brought up to date. */
  readonly about: 'measurement' | 'inference';
  readonly text: string;
}

/** The work of one gctune on a run. */
export interface Session {
  readonly startedAt: string;
  /** The part of the run: it is another one where something had changed. */
  readonly part: number;
  readonly drift: readonly Drift[];
  /** Attempts that it measured again: they had not ended when it began, could not be read any more, or were gone. */
  readonly again?: readonly string[];
}

/** A run that ended before its plan was done, and not by its own rule. */
export interface Cut {
  /** Planned trials that were run, in one attempt or more. */
  readonly run: number;
  readonly planned: number;
  /** `missing-blocks`: not all of what it was joined of was there; `unknown`: it was killed, or still runs. */
  readonly why: 'missing-blocks' | 'interrupted' | 'failed' | 'fault' | 'unknown';
}

/** The cells of one stratum with their contrasts: the unit that charts are drawn by. Without further factors a stratum is a workload. */
export interface WorkloadAnalysis {
  /** The name of the stratum: the workload’s, with the levels of the further factors that vary: `steady version=new`. */
  readonly workload: string;
  /** What the name is made of; absent where no further factor varies. */
  readonly stratum?: Stratum;
  /** One sentence: `http, 400 requests/s, evenly spaced`. */
  readonly description: string;
  readonly unit: 'request' | 'run' | 'none';
  /** In the order of the matrix, the A/A cell last. */
  readonly cells: readonly CellAnalysis[];
  /** What its cells are compared in and chosen by. */
  readonly axes: Axes;
  /** Every cell but the baseline against the baseline (the A/A cell too), for every metric with figures on both sides. */
  readonly contrasts: readonly Contrast[];
  /** What the A/A cell tells of the noise, one for each metric that it shares with the baseline. */
  readonly noise: readonly MetricNoise[];
  /** Whether the levels differ at all, one for each primary that two of them have; absent in older documents. */
  readonly omnibus?: readonly Omnibus[];
  /** Where the memory of the baseline comes from; absent where no profile was kept. */
  readonly sites?: readonly AllocationSites[];
  /** Which cells no other one beats; absent where fewer than two can be compared, and in documents of older versions. */
  readonly front?: Front;
  /** What theory says of its levels; absent where it cannot be fitted, and in documents of older versions. */
  readonly model?: CostModel;
}

/** A workload together with the levels of all factors other than GOGC and GOMEMLIMIT. */
export interface Stratum {
  readonly workload: string;
  readonly factors: FactorLevels;
  /** `version=new cpus=2`: of the factors that vary. */
  readonly label: string;
}

/** What is known of one cell. */
export interface CellAnalysis {
  readonly id: CellId;
  readonly levels: Levels;
  readonly role: Cell['role'];
  readonly baseline: boolean;
  /** Short label for charts: `GOGC=25`, with GOMEMLIMIT where that varies; `GOGC=100 (A/A)`. */
  readonly label: string;
  readonly valid: number;
  readonly attempted: number;
  /** How often each outcome came. */
  readonly outcomes: Readonly<Partial<Record<Outcome['kind'], number>>>;
  /** What became of the trials that do not count: `6 of 6 trials ran out of memory (limit 160 MiB)`. Undefined where all count. */
  readonly shortfall: string | undefined;
  /** One per metric with figures. */
  readonly estimates: Readonly<Partial<Record<MetricId, Estimate>>>;
  /** The trials' own values in block order; what the dots of a chart are. */
  readonly values: Readonly<
    Partial<Record<MetricId, readonly { readonly trial: string; readonly block: number; readonly value: number }[]>>
  >;
  /** Down-sampled course of each trial over time since the window's start, for the charts over time. */
  readonly courses: readonly Course[];
  /** Median over trials of each part of memory; the parts of the reconciliation. Undefined where the target shows no MemStats. */
  readonly composition: Composition | undefined;
  /** Median over trials of the latency at each quantile. */
  readonly latency: readonly { readonly quantile: number; readonly seconds: Estimate }[];
  /** What each trial, counted or not, asks of a memory limit; absent in documents of older versions. */
  readonly limitNeed?: readonly LimitNeed[];
  readonly warnings: readonly Warning[];
}

/** The quantities drawn over time. */
export type CourseKey = 'rss' | 'heapSys' | 'heapInuse' | 'heapLive' | 'gcCpu';
/** One trial over time: parallel columns; null where there is no reading. At most some 150 points a trial. */
export interface Course {
  readonly trial: string;
  /** Seconds since the window's start (negative: warm-up). */
  readonly seconds: readonly number[];
  readonly series: Readonly<Partial<Record<CourseKey, readonly (number | null)[]>>>;
}

/** Where the memory is, in bytes: time means over the window, then the median over trials with its interval. */
export interface Composition {
  /** HeapAlloc (reachable and not yet swept). */
  readonly objects: Estimate;
  /** HeapInuse − HeapAlloc. */
  readonly unusedInSpans: Estimate;
  /** HeapIdle − HeapReleased. */
  readonly retainedIdle: Estimate;
  /** StackSys. */
  readonly stacks: Estimate;
  /** MSpanSys + MCacheSys + BuckHashSys + GCSys + OtherSys. */
  readonly metadata: Estimate;
  /** HeapReleased: given back to the system, in no sum. */
  readonly released: Estimate;
  /** VmRSS − (Sys − HeapReleased); may be negative. */
  readonly outsideGo: Estimate | undefined;
  readonly rss: Estimate | undefined;
}

/** A cell against the baseline in one metric. */
export interface Contrast {
  readonly cell: CellId;
  readonly baseline: CellId;
  readonly metric: MetricId;
  readonly kind: 'level' | 'a-a';
  readonly primary: boolean;
  /** Cell − baseline, Hodges–Lehmann over blocks, in the metric's unit. */
  readonly difference: Estimate;
  /** Cell ÷ baseline on the log scale, where all values are positive. */
  readonly ratio: Estimate | undefined;
  /** Exact signed-rank p of "no difference", of the ratio where there is one, else of the difference; unadjusted. */
  readonly p: number | null;
  /** Matched-pairs rank-biserial correlation of the differences, −1 to 1; null without any. Absent in older documents. */
  readonly rankBiserial?: number | null;
  /** What p is adjusted with: the primary contrasts of the run, or all others; `a-a`: nothing. */
  readonly family: 'primary' | 'exploratory' | 'a-a';
  /**
   * p after step-down max-T with joint sign flips of blocks (primary) or Benjamini and Hochberg (exploratory), never below
   * p; null where there is no p, or no family.
   */
  readonly adjustedP: number | null;
  /** What may be said of it; every sentence, mark and warning goes by this. */
  readonly verdict: Verdict;
}

/** Whether any level of a workload differs from the others in a primary metric: asked once, before any contrast. */
export interface Omnibus extends BlockPermutationTest {
  readonly metric: MetricId;
  /** Levels that were compared, in the blocks that have all of them. */
  readonly cells: number;
}

/** How much a metric scatters with no change at all, and what could be found beside that. */
export interface MetricNoise {
  readonly metric: MetricId;
  /** Standard deviation of the difference between two trials of the same setting in one block, in the metric's unit; null with fewer than two pairs. */
  readonly sd: number | null;
  /** That of the logarithm of their ratio; null also where not all values are above zero. */
  readonly relativeSd: number | null;
  /**
   * The difference that so many blocks find in 4 of 5 sweeps: beyond its own interval and, of a primary, with the p of its
   * family. From the scatter of the A/A pairs, whose own uncertainty is in it; null where they can find none.
   */
  readonly detectable: number | null;
  readonly relativeDetectable: number | null;
  /** Whether the A/A interval includes "no difference", as it should in all but one in 1 ÷ (1 − confidence) checks; null where it has none. */
  readonly holdsZero: boolean | null;
  /** The same scatter of each level's pairs with the baseline: noise need not be that of the baseline. */
  readonly cells: readonly {
    readonly cell: CellId;
    readonly sd: number | null;
    readonly relativeSd: number | null;
    readonly n: number;
  }[];
  /** Blocks with both trials. */
  readonly n: number;
}

/** One trial in the report's list. */
export interface TrialSummary {
  readonly id: string;
  readonly block: number;
  readonly position: number;
  readonly cell: CellId;
  readonly attempt: number;
  /** See TrialRecord. */
  readonly part?: number;
  readonly startedAt: string;
  readonly outcome: Outcome;
  readonly gcCycles: number | undefined;
  readonly windowSeconds: number | undefined;
  readonly warnings: readonly Warning[];
}
