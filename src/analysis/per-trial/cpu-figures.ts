import type { ReadingKey } from '../../results/format.ts';
import type { Point, Span } from '../../statistics/time-mean.ts';
import { interpolate, within } from '../../statistics/time-mean.ts';
import type { Figure } from './figure.ts';
import { divided, figure } from './figure.ts';
import type { MeasuredTrial, Series } from './trial-readings.ts';
import {
  CGROUP_PROBES,
  ENGINE_PROBES,
  RUNTIME_PROBES,
  OWN_CGROUP_PROBES,
  PROCESS_PROBES,
} from '../../experiment/probe-ids.ts';
import { series, windowSeconds } from './trial-readings.ts';

/** Least part of the window that the readings of a counter must span; what is missing is filled with their rate. */
const LEAST_SPAN = 0.5;

/**
 * CPU seconds of the window, or of another span in it. Of the target's own cgroup (nanoseconds) where it has one, else of the process
 * (clock ticks), else of the engine; of a batch what its exit told, else the last reading, for its counter began at 0.
 */
export function cpuSeconds(trial: MeasuredTrial, span: Span = trial.window): Figure | undefined {
  const { work, exit } = trial.record;
  if (work?.unit === 'run' && exit?.cpuSeconds !== undefined) return figure(exit.cpuSeconds, 'exit');
  const counter = cpuSeries(trial);
  if (counter === undefined) return undefined;
  if (work?.unit === 'run') return figure(within(counter.points, trial.window).at(-1)?.value, counter.probe);
  return figure(counterDelta(counter.points, span), counter.probe);
}

/** The counter of CPU seconds, of the best source that was read in the window. */
export function cpuSeries(trial: MeasuredTrial): Series | undefined {
  return (
    series(trial, 'cgroupCpuSeconds', OWN_CGROUP_PROBES) ??
    series(trial, 'cpuSeconds', PROCESS_PROBES) ??
    series(trial, 'cgroupCpuSeconds', ENGINE_PROBES)
  );
}

/** CPU seconds per second: cores busy. */
export function cpuUsed(trial: MeasuredTrial): Figure | undefined {
  return divided(cpuSeconds(trial), windowSeconds(trial));
}

/** CPU seconds ÷ completed pieces of work, both over the stretch in which these fell due. */
export function cpuPerRequest(trial: MeasuredTrial): Figure | undefined {
  return divided(cpuSeconds(trial), workInWindow(trial));
}

/** Bytes allocated per second of the window. */
export function allocationRate(trial: MeasuredTrial): Figure | undefined {
  return divided(allocatedBytes(trial), windowSeconds(trial));
}

/** Bytes allocated ÷ completed pieces of work. */
export function allocationPerRequest(trial: MeasuredTrial): Figure | undefined {
  return divided(allocatedBytes(trial), workInWindow(trial));
}

/**
 * Completed pieces of work in the window of the readings. The generator's own window begins and ends a few milliseconds
 * beside it, so that its rate is what is taken over.
 */
function workInWindow(trial: MeasuredTrial): number | undefined {
  const { work } = trial.record;
  if (work === undefined || work.unit === 'run' || !(work.windowSeconds > 0)) return work?.completed;
  return (work.completed / work.windowSeconds) * windowSeconds(trial);
}

/** TotalAlloc counts on between cycles, unlike the figures of GC CPU. */
function allocatedBytes(trial: MeasuredTrial): Figure | undefined {
  const allocated = series(trial, 'totalAllocBytes', RUNTIME_PROBES);
  return allocated && figure(counterDelta(allocated.points, trial.window), allocated.probe);
}

/** Throttled ÷ all periods of the CPU controller in the window; undefined where nothing tells. */
export function throttledShare(trial: MeasuredTrial): number | undefined {
  const periods = counter(trial, 'periods');
  const throttled = counter(trial, 'throttledPeriods');
  if (periods === undefined || throttled === undefined || periods.probe !== throttled.probe) return undefined;
  const all = counterDelta(periods.points, trial.window);
  const some = counterDelta(throttled.points, trial.window);
  return all === undefined || some === undefined || all <= 0 ? undefined : some / all;
}

function counter(trial: MeasuredTrial, key: ReadingKey): Series | undefined {
  return series(trial, key, CGROUP_PROBES);
}

/**
 * How much a counter grew over a span: between its values at the span's ends, on the line between the readings that
 * straddle an end; where an end has no reading beyond it, at the rate inside. Undefined where it ever fell (the process
 * was not one and the same) or the readings span too little.
 */
export function counterDelta(points: readonly Point[], span: Span): number | undefined {
  const inside = within(points, span);
  const first = edge(points, span.startSeconds) ?? inside[0];
  const last = edge(points, span.endSeconds) ?? inside.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const fell = inside.some((point, i) => i > 0 && point.value < (inside[i - 1] as Point).value);
  const read = last.at - first.at;
  const length = span.endSeconds - span.startSeconds;
  if (fell || last.value < first.value || !(read > 0) || read < LEAST_SPAN * length) return undefined;
  return ((last.value - first.value) / read) * length;
}

function edge(points: readonly Point[], at: number): Point | undefined {
  const value = interpolate(points, at);
  return value === undefined ? undefined : { at, value };
}
