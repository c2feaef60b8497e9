import type { Levels } from '../../experiment/experiment.ts';
import type { MetricId } from '../../metrics/metrics.ts';
import { METRIC_IDS } from '../../metrics/metrics.ts';
import type { Warning } from '../../metrics/warning.ts';
import { variantOf, type Reading, type RunManifest, type TrialRecord } from '../../results/format.ts';
import type { Span } from '../../statistics/time-mean.ts';
import type { Course } from '../analysis.ts';
import type { MemoryParts } from './composition.ts';
import { memoryParts } from './composition.ts';
import { courseOf } from './course.ts';
import { type CgroupFigures, cgroupFiguresOf } from './cgroup-figures.ts';
import * as cpu from './cpu-figures.ts';
import type { TrialDrift } from './drift-figures.ts';
import { trialDrift } from './drift-figures.ts';
import type { Figure } from './figure.ts';
import { finiteReadings } from './finite-readings.ts';
import * as gc from './gc-figures.ts';
import { limitNeedOf, type LimitNeed } from './limit-need.ts';
import * as memory from './memory-figures.ts';
import type { MeasuredTrial } from './trial-readings.ts';
import { readingsByProbe } from './trial-readings.ts';
import { trialWarnings } from './trial-warnings.ts';
import type { LatencyPoint } from './work-figures.ts';
import { batchDuration, latencyAt, latencyCurve } from './work-figures.ts';

/** Counts up with every change of what a reduction comes to, so that none that was kept by an older gctune is believed. */
export const REDUCTION_VERSION = 2;

/** What a reduction depends on beside the trial itself. */
export interface ReductionTerms {
  readonly levels: Levels;
  /** Asked for; what the trial's record says was in force counts before it. */
  readonly gomaxprocs: number;
  /** GC cycles that the window is to have. */
  readonly cycles: number;
}

/** The terms on which a run's trials at these levels are reduced. */
export function reductionTerms(run: RunManifest, levels: Levels): ReductionTerms {
  const { gomaxprocs } = variantOf(run, levels);
  return { levels, gomaxprocs, cycles: run.experiment.validity.cycles };
}

/** A trial's readings reduced to what the analysis keeps of them: a number per metric, and what the charts show. */
export interface ReducedTrial {
  /** Empty where the trial does not count. */
  readonly figures: Readonly<Partial<Record<MetricId, Figure>>>;
  readonly course: Course | undefined;
  readonly parts: MemoryParts | undefined;
  readonly latency: readonly LatencyPoint[];
  /** Throttled ÷ all periods of the CPU controller in the window. */
  readonly throttledShare: number | undefined;
  /** What the kernel tells of its cgroup beside; undefined where the trial does not count. */
  readonly cgroup: CgroupFigures | undefined;
  /** Undefined where the trial does not count. */
  readonly drift: TrialDrift | undefined;
  /** What its readings ask of a memory limit, whether or not it counts. */
  readonly limitNeed: LimitNeed;
  /** What the reduction has to say about the trial, beside its record. */
  readonly warnings: readonly Warning[];
}

/** A reduced trial with its record. */
export interface TrialFigures extends ReducedTrial {
  readonly record: TrialRecord;
  readonly gcCycles: number | undefined;
}

/** A trial to be reduced. */
export interface TrialInput {
  readonly record: TrialRecord;
  /** Asked for once at most. */
  readonly readings: AsyncIterable<Reading> | Iterable<Reading>;
  /** Reduces it, or gives what was kept of its reduction on these terms; without it the readings are reduced. */
  readonly reduced?: (terms: ReductionTerms) => Promise<ReducedTrial>;
}

/** The figures of a trial of a run at these levels. The warnings of its record come first. */
export async function trialFigures(
  manifest: RunManifest,
  levels: Levels,
  { record, readings, reduced }: TrialInput,
): Promise<TrialFigures> {
  const terms = reductionTerms(manifest, levels);
  const own = reduced === undefined ? await reduceTrial(terms, record, readings) : await reduced(terms);
  return {
    ...own,
    record,
    gcCycles: own.figures['gc.cycles']?.value,
    warnings: [...record.warnings, ...own.warnings],
  };
}

/** How each metric's number is made of a trial's window; a metric that the trial cannot tell is undefined, never 0. */
export const REDUCERS: Readonly<Record<MetricId, (trial: MeasuredTrial) => Figure | undefined>> = {
  'memory.anon': memory.anonymousMean,
  'memory.anon_peak': memory.anonymousPeak,
  'memory.rss': memory.residentMean,
  'memory.peak': memory.residentPeak,
  'memory.go': memory.goMean,
  'heap.sys': memory.heapSysPeak,
  'heap.inuse': memory.heapInuseMean,
  'heap.live': memory.liveMean,
  'heap.goal': memory.goalMean,
  'gc.cpu_window': gc.gcCpuWindow,
  'gc.cpu_naive': gc.gcCpuNaive,
  'gc.cpu_share': gc.gcCpuShare,
  'gc.cpu_per_request': gc.gcCpuPerRequest,
  'gc.cycles': gc.gcCycles,
  'cpu.used': cpu.cpuUsed,
  'cpu.per_request': cpu.cpuPerRequest,
  'alloc.rate': cpu.allocationRate,
  'alloc.per_request': cpu.allocationPerRequest,
  'latency.p50': (trial) => latencyAt(trial, 0.5),
  'latency.p99': (trial) => latencyAt(trial, 0.99),
  'latency.p999': (trial) => latencyAt(trial, 0.999),
  'batch.duration': batchDuration,
};

/** Reduces one trial. Only a completed one with a window has figures; of others only what they ask of a memory limit is kept. */
export async function reduceTrial(
  terms: ReductionTerms,
  record: TrialRecord,
  readings: AsyncIterable<Reading> | Iterable<Reading>,
): Promise<ReducedTrial> {
  const { window } = record;
  const finite = finiteReadings(record, await Array.fromAsync(readings));
  const limitNeed = limitNeedOf(record, finite.readings);
  if (record.outcome.kind !== 'completed' || window === undefined || !hasLength(window))
    return uncounted(record, limitNeed);
  const trial: MeasuredTrial = {
    record,
    window,
    levels: terms.levels,
    gomaxprocs: record.effective.gomaxprocs ?? terms.gomaxprocs,
    readings: readingsByProbe(finite.readings),
  };
  const figures: Partial<Record<MetricId, Figure>> = {};
  for (const metric of METRIC_IDS) {
    const found = REDUCERS[metric](trial);
    if (found !== undefined) figures[metric] = found;
  }
  const throttledShare = cpu.throttledShare(trial);
  return {
    figures,
    course: courseOf(trial),
    parts: memoryParts(trial),
    latency: latencyCurve(trial),
    throttledShare,
    cgroup: cgroupFiguresOf(trial),
    drift: trialDrift(trial),
    limitNeed,
    warnings: [...finite.warnings, ...trialWarnings(trial, terms, figures)],
  };
}

function hasLength({ startSeconds, endSeconds }: Span): boolean {
  return Number.isFinite(startSeconds) && Number.isFinite(endSeconds) && endSeconds > startSeconds;
}

function uncounted(record: TrialRecord, limitNeed: LimitNeed): ReducedTrial {
  const completed = record.outcome.kind === 'completed';
  const { id: trial, cell } = record;
  const warning = { code: 'no-window', message: 'completed without a window: it does not count', cell, trial };
  return {
    figures: {},
    course: undefined,
    parts: undefined,
    latency: [],
    throttledShare: undefined,
    cgroup: undefined,
    drift: undefined,
    limitNeed,
    warnings: completed ? [warning] : [],
  };
}
