import type { Levels } from '../../experiment/experiment.ts';
import type { MetricId } from '../../metrics/metrics.ts';
import { METRIC_IDS } from '../../metrics/metrics.ts';
import type { Warning } from '../../metrics/warning.ts';
import type { Reading, RunManifest, TrialRecord } from '../../results/format.ts';
import type { Span } from '../../statistics/time-mean.ts';
import type { Course } from '../analysis.ts';
import type { MemoryParts } from './composition.ts';
import { memoryParts } from './composition.ts';
import { courseOf } from './course.ts';
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

/** One trial reduced to what the analysis keeps of it: a number per metric, and what the charts show of it. */
export interface TrialFigures {
  readonly record: TrialRecord;
  /** Empty where the trial does not count. */
  readonly figures: Readonly<Partial<Record<MetricId, Figure>>>;
  readonly gcCycles: number | undefined;
  readonly course: Course | undefined;
  readonly parts: MemoryParts | undefined;
  readonly latency: readonly LatencyPoint[];
  /** Throttled ÷ all periods of the CPU controller in the window. */
  readonly throttledShare: number | undefined;
  /** Undefined where the trial does not count. */
  readonly drift: TrialDrift | undefined;
  /** What its readings ask of a memory limit, whether or not it counts. */
  readonly limitNeed: LimitNeed;
  /** What the trial's record and the analysis have to say about it. */
  readonly warnings: readonly Warning[];
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
  manifest: RunManifest,
  levels: Levels,
  record: TrialRecord,
  readings: AsyncIterable<Reading> | Iterable<Reading>,
): Promise<TrialFigures> {
  const { window } = record;
  const finite = finiteReadings(record, await Array.fromAsync(readings));
  const limitNeed = limitNeedOf(record, finite.readings);
  if (record.outcome.kind !== 'completed' || window === undefined || !hasLength(window))
    return uncounted(record, limitNeed);
  const trial: MeasuredTrial = {
    record,
    window,
    levels,
    gomaxprocs: record.effective.gomaxprocs ?? manifest.gomaxprocs,
    readings: readingsByProbe(finite.readings),
  };
  const figures: Partial<Record<MetricId, Figure>> = {};
  for (const metric of METRIC_IDS) {
    const found = REDUCERS[metric](trial);
    if (found !== undefined) figures[metric] = found;
  }
  const throttledShare = cpu.throttledShare(trial);
  return {
    record,
    figures,
    gcCycles: figures['gc.cycles']?.value,
    course: courseOf(trial),
    parts: memoryParts(trial),
    latency: latencyCurve(trial),
    throttledShare,
    drift: trialDrift(trial),
    limitNeed,
    warnings: [...record.warnings, ...finite.warnings, ...trialWarnings(trial, manifest, figures)],
  };
}

function hasLength({ startSeconds, endSeconds }: Span): boolean {
  return Number.isFinite(startSeconds) && Number.isFinite(endSeconds) && endSeconds > startSeconds;
}

function uncounted(record: TrialRecord, limitNeed: LimitNeed): TrialFigures {
  const completed = record.outcome.kind === 'completed';
  const warning = { code: 'no-window', message: 'completed without a window: it does not count', trial: record.id };
  return {
    record,
    figures: {},
    gcCycles: undefined,
    course: undefined,
    parts: undefined,
    latency: [],
    throttledShare: undefined,
    drift: undefined,
    limitNeed,
    warnings: completed ? [...record.warnings, { ...warning, cell: record.cell }] : record.warnings,
  };
}
