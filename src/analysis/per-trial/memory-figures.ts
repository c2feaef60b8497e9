import { committedBytes } from '../../go/memstats.ts';
import { isLimited, liveFromGoal, UNLIMITED_BYTES } from '../../go/pacer.ts';
import type { Reading } from '../../results/format.ts';
import { heldMean, timeMean, within } from '../../statistics/time-mean.ts';
import type { Figure } from './figure.ts';
import { figure } from './figure.ts';
import type { MeasuredTrial, Series } from './trial-readings.ts';
import { CGROUP_PROBES, RUNTIME_PROBES, PROCESS_PROBES } from '../../experiment/probe-ids.ts';
import { derivedSeries, readingsInWindow, series } from './trial-readings.ts';

/** A series of fewer readings in the window than this is taken only where none has more. */
const LEAST_LIVE_READINGS = 3;

/** Time-weighted mean of RssAnon, else of the cgroup's anonymous memory. */
export function anonymousMean(trial: MeasuredTrial): Figure | undefined {
  return meanOf(trial, memorySeries(trial));
}

/** Greatest RssAnon of a reading in the window. */
export function anonymousPeak(trial: MeasuredTrial): Figure | undefined {
  return greatestOf(trial, memorySeries(trial));
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

/** Time-weighted mean of Sys − HeapReleased. */
export function goMean(trial: MeasuredTrial): Figure | undefined {
  return meanOf(trial, derivedSeries(trial, RUNTIME_PROBES, committedBytes));
}

/** Greatest HeapSys; it never falls, so a mean of it says nothing. */
export function heapSysPeak(trial: MeasuredTrial): Figure | undefined {
  return greatestOf(trial, series(trial, 'heapSysBytes', RUNTIME_PROBES));
}

/** Time-weighted mean of HeapInuse. */
export function heapInuseMean(trial: MeasuredTrial): Figure | undefined {
  return meanOf(trial, series(trial, 'heapInuseBytes', RUNTIME_PROBES));
}

/** Time-weighted mean of the bytes that the last cycle marked; see liveSeries for where they come from. */
export function liveMean(trial: MeasuredTrial): Figure | undefined {
  const live = liveSeries(trial);
  if (live === undefined) return undefined;
  return figure(heldMean(live.points, trial.window), live.source);
}

/**
 * The live heap over time, with its source; a step function, for it changes only when a cycle ends. As the runtime
 * tells it, else of gctrace, else from the goal: the first of these that was read at least LEAST_LIVE_READINGS times in the
 * window. What is read at its ends alone is mostly of a cycle that ended before it.
 */
export function liveSeries(trial: MeasuredTrial): (Series & { readonly source: string }) | undefined {
  const told = series(trial, 'liveHeapBytes', RUNTIME_PROBES);
  const traced = series(trial, 'heapLiveBytes', ['gctrace']);
  const roots = rootsBytes(trial);
  const inferred = derivedSeries(trial, RUNTIME_PROBES, (v) => inferredLive(trial, v, roots));
  const found = [
    ...(told === undefined ? [] : [{ ...told, source: told.probe }]),
    ...(traced === undefined ? [] : [{ ...traced, source: 'gctrace' }]),
    ...(inferred === undefined ? [] : [{ ...inferred, source: LIVE_INFERRED }]),
  ].map((one) => ({ one, readings: within(one.points, trial.window).length }));
  const most = Math.max(...found.map(({ readings }) => readings));
  return found.find(({ readings }) => readings >= Math.min(most, LEAST_LIVE_READINGS))?.one;
}

/** The source of a live heap that was computed from the heap goal. */
const LIVE_INFERRED = 'the heap goal and GOGC';

/** Time-weighted mean of the heap goal (NextGC), else of the goals that gctrace prints. */
export function goalMean(trial: MeasuredTrial): Figure | undefined {
  const goal = derivedSeries(trial, RUNTIME_PROBES, (v) => bounded(v.nextGcBytes));
  if (goal !== undefined) return meanOf(trial, goal);
  const traced = series(trial, 'heapGoalBytes', ['gctrace']);
  return traced === undefined ? undefined : figure(heldMean(traced.points, trial.window), traced.probe);
}

/** The live heap that one reading's goal tells: only where GOGC alone sets the goal, without a memory limit. */
function inferredLive(trial: MeasuredTrial, v: Reading['v'], roots: number): number | undefined {
  const limited = isLimited(trial.levels.gomemlimit, trial.record.effective.gomemlimitBytes);
  if (v.nextGcBytes === undefined || limited || (v.numGc ?? 1) < 1) return undefined;
  return liveFromGoal(v.nextGcBytes, trial.levels.gogc, ownRoots(v) ?? roots);
}

/** Stacks and globals that the goal counts: the mean of the readings in the window that tell them, of whichever source; else 0. */
function rootsBytes(trial: MeasuredTrial): number {
  const told = RUNTIME_PROBES.flatMap((probe) => readingsInWindow(trial, probe).flatMap(({ v }) => ownRoots(v) ?? []));
  return told.length === 0 ? 0 : told.reduce((sum, bytes) => sum + bytes, 0) / told.length;
}

function ownRoots({ scanStackBytes, scanGlobalsBytes }: Reading['v']): number | undefined {
  if (scanStackBytes === undefined && scanGlobalsBytes === undefined) return undefined;
  return (scanStackBytes ?? 0) + (scanGlobalsBytes ?? 0);
}

function bounded(bytes: number | undefined): number | undefined {
  return bytes === undefined || bytes >= UNLIMITED_BYTES ? undefined : bytes;
}

/** Anonymous memory over time, of the best source that was read in the window. */
export function memorySeries(trial: MeasuredTrial): Series | undefined {
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
