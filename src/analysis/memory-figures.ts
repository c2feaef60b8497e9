import type { Reading } from '../results/format.ts';
import { heldMean, timeMean, within } from '../statistics/time-mean.ts';
import type { Figure } from './figure.ts';
import { figure } from './figure.ts';
import type { MeasuredTrial, Series } from './trial-readings.ts';
import {
  CGROUP_PROBES,
  derivedSeries,
  INSIDE_PROBES,
  PROCESS_PROBES,
  series,
  UNLIMITED_BYTES,
} from './trial-readings.ts';

/** The least heap that the runtime collects at, at GOGC=100 (runtime/mgcpacer.go); it scales with GOGC. */
const HEAP_MINIMUM_BYTES = 4 * 2 ** 20;

/** Time-weighted mean of RssAnon, else of the cgroup's anonymous memory. */
export function anonymousMean(trial: MeasuredTrial): Figure | undefined {
  return meanOf(trial, anonymous(trial));
}

/** Greatest RssAnon of a reading in the window. */
export function anonymousPeak(trial: MeasuredTrial): Figure | undefined {
  return greatestOf(trial, anonymous(trial));
}

/** Time-weighted mean of VmRSS. */
export function residentMean(trial: MeasuredTrial): Figure | undefined {
  return meanOf(trial, series(trial, 'rssBytes', PROCESS_PROBES));
}

/**
 * VmHWM at the last reading in the window: the peak of the whole life so far. Of a batch what its exit told, if it did;
 * where this machine cannot see the process, the peak of its cgroup.
 */
export function residentPeak(trial: MeasuredTrial): Figure | undefined {
  const { work, exit } = trial.record;
  if (work?.unit === 'run' && exit?.peakBytes !== undefined) return figure(exit.peakBytes, 'exit');
  const peak = series(trial, 'peakRssBytes', PROCESS_PROBES) ?? series(trial, 'cgroupPeakBytes', CGROUP_PROBES);
  return peak && figure(within(peak.points, trial.window).at(-1)?.value, peak.probe);
}

/** Sys − HeapReleased of one reading: what Go holds of the system, and what GOMEMLIMIT limits. */
export function committedBytes(v: Reading['v']): number | undefined {
  return v.sysBytes === undefined || v.heapReleasedBytes === undefined ? undefined : v.sysBytes - v.heapReleasedBytes;
}

/** Time-weighted mean of Sys − HeapReleased. */
export function goMean(trial: MeasuredTrial): Figure | undefined {
  return meanOf(trial, derivedSeries(trial, INSIDE_PROBES, committedBytes));
}

/** Greatest HeapSys; it never falls, so a mean of it says nothing. */
export function heapSysPeak(trial: MeasuredTrial): Figure | undefined {
  return greatestOf(trial, series(trial, 'heapSysBytes', INSIDE_PROBES));
}

/** Time-weighted mean of HeapInuse. */
export function heapInuseMean(trial: MeasuredTrial): Figure | undefined {
  return meanOf(trial, series(trial, 'heapInuseBytes', INSIDE_PROBES));
}

/** Time-weighted mean of the bytes that the last cycle marked: as the runtime tells, else of gctrace, else from the goal. */
export function liveMean(trial: MeasuredTrial): Figure | undefined {
  const live = liveSeries(trial);
  if (live === undefined) return undefined;
  return figure(heldMean(live.points, trial.window), live.source);
}

/** The live heap over time, with its source; a step function, for it changes only when a cycle ends. */
export function liveSeries(trial: MeasuredTrial): (Series & { readonly source: string }) | undefined {
  const told = series(trial, 'liveHeapBytes', INSIDE_PROBES);
  if (told !== undefined) return { ...told, source: told.probe };
  const traced = series(trial, 'heapLiveBytes', ['gctrace']);
  if (traced !== undefined) return { ...traced, source: 'gctrace' };
  const inferred = derivedSeries(trial, INSIDE_PROBES, (v) => liveFromGoal(trial, v));
  return inferred === undefined ? undefined : { ...inferred, source: LIVE_INFERRED };
}

/** The source of a live heap that was computed from the heap goal. */
const LIVE_INFERRED = 'the heap goal and GOGC (the target does not tell it)';

/** Time-weighted mean of the heap goal (NextGC), else of the goals that gctrace prints. */
export function goalMean(trial: MeasuredTrial): Figure | undefined {
  const goal = derivedSeries(trial, INSIDE_PROBES, (v) => bounded(v.nextGcBytes));
  if (goal !== undefined) return meanOf(trial, goal);
  const traced = series(trial, 'heapGoalBytes', ['gctrace']);
  return traced === undefined ? undefined : figure(heldMean(traced.points, trial.window), traced.probe);
}

/**
 * Live heap from the goal: goal = live + (live + roots)·g turned round, g = GOGC/100 (Go 1.18 and later; the roots are
 * left out where they are not known, which overstates live by roots·g/(1+g)). Only where GOGC alone sets the goal:
 * not off, no memory limit, above the least heap.
 */
function liveFromGoal(trial: MeasuredTrial, v: Reading['v']): number | undefined {
  const goal = bounded(v.nextGcBytes);
  const gogc = trial.levels.gogc === 'off' ? -1 : trial.levels.gogc;
  const limited = trial.levels.gomemlimit !== 'off' || bounded(trial.record.effective.gomemlimitBytes) !== undefined;
  if (goal === undefined || gogc <= 0 || limited || (v.numGc ?? 1) < 1) return undefined;
  const g = gogc / 100;
  if (goal <= HEAP_MINIMUM_BYTES * g * 1.01) return undefined;
  const roots = (v.scanStackBytes ?? 0) + (v.scanGlobalsBytes ?? 0);
  return Math.max(0, (goal - roots * g) / (1 + g));
}

function bounded(bytes: number | undefined): number | undefined {
  return bytes === undefined || bytes >= UNLIMITED_BYTES ? undefined : bytes;
}

function anonymous(trial: MeasuredTrial): Series | undefined {
  return series(trial, 'rssAnonBytes', PROCESS_PROBES) ?? series(trial, 'cgroupAnonBytes', CGROUP_PROBES);
}

function meanOf(trial: MeasuredTrial, of: Series | undefined): Figure | undefined {
  return of === undefined ? undefined : figure(timeMean(of.points, trial.window), of.probe);
}

function greatestOf(trial: MeasuredTrial, of: Series | undefined): Figure | undefined {
  if (of === undefined) return undefined;
  const greatest = within(of.points, trial.window).reduce((most, { value }) => Math.max(most, value), -Infinity);
  return figure(greatest, of.probe);
}
