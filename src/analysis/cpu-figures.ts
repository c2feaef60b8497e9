import type { ReadingKey } from '../results/format.ts';
import type { Point } from '../statistics/time-mean.ts';
import { interpolate, within } from '../statistics/time-mean.ts';
import type { Figure } from './figure.ts';
import { divided, figure } from './figure.ts';
import type { MeasuredTrial, Series } from './trial-readings.ts';
import { CGROUP_PROBES, insideWith, series, windowSeconds } from './trial-readings.ts';

/** Least part of the window that the readings of a counter must span; what is missing is filled with their rate. */
const LEAST_SPAN = 0.5;

/**
 * CPU seconds of the window. Of the target's own cgroup (nanoseconds) where it has one, else of the process
 * (clock ticks), else of the engine; of a batch what its exit told, else the last reading, for its counter began at 0.
 */
export function cpuSeconds(trial: MeasuredTrial): Figure | undefined {
  const { work, exit } = trial.record;
  if (work?.unit === 'run' && exit?.cpuSeconds !== undefined) return figure(exit.cpuSeconds, 'exit');
  const counter =
    series(trial, 'cgroupCpuSeconds', ['cgroup']) ??
    series(trial, 'cpuSeconds', ['proc', 'ps']) ??
    series(trial, 'cgroupCpuSeconds', ['docker-stats']);
  if (counter === undefined) return undefined;
  if (work?.unit === 'run') return figure(within(counter.points, trial.window).at(-1)?.value, counter.probe);
  return figure(counterDelta(trial, counter.points), counter.probe);
}

/** CPU seconds per second: cores busy. */
export function cpuUsed(trial: MeasuredTrial): Figure | undefined {
  return divided(cpuSeconds(trial), windowSeconds(trial));
}

/** CPU seconds ÷ completed pieces of work. */
export function cpuPerRequest(trial: MeasuredTrial): Figure | undefined {
  return divided(cpuSeconds(trial), trial.record.work?.completed);
}

/** Bytes allocated per second between the first and last reading in the window. */
export function allocationRate(trial: MeasuredTrial): Figure | undefined {
  const inside = insideWith(trial, ['totalAllocBytes']);
  const from = inside[0];
  const to = inside.at(-1);
  if (from === undefined || to === undefined || !(to.at > from.at)) return undefined;
  const bytes = (to.v.totalAllocBytes as number) - (from.v.totalAllocBytes as number);
  return bytes < 0 ? undefined : figure(bytes / (to.at - from.at), from.probe);
}

/** Bytes allocated ÷ completed pieces of work: the rate, scaled to the window. */
export function allocationPerRequest(trial: MeasuredTrial): Figure | undefined {
  const rate = allocationRate(trial);
  return divided(rate && figure(rate.value * windowSeconds(trial), rate.source), trial.record.work?.completed);
}

/** Throttled ÷ all periods of the CPU controller in the window; undefined where nothing tells. */
export function throttledShare(trial: MeasuredTrial): number | undefined {
  const periods = counter(trial, 'periods');
  const throttled = counter(trial, 'throttledPeriods');
  if (periods === undefined || throttled === undefined || periods.probe !== throttled.probe) return undefined;
  const all = counterDelta(trial, periods.points);
  const some = counterDelta(trial, throttled.points);
  return all === undefined || some === undefined || all <= 0 ? undefined : some / all;
}

function counter(trial: MeasuredTrial, key: ReadingKey): Series | undefined {
  return series(trial, key, CGROUP_PROBES);
}

/**
 * How much a counter grew over the window: between its values at the window's ends, on the line between the readings
 * that straddle an end; where an end has no reading outside, at the rate inside. Undefined where it ever fell (the
 * process was not one and the same) or the readings span too little.
 */
function counterDelta(trial: MeasuredTrial, points: readonly Point[]): number | undefined {
  const { startSeconds, endSeconds } = trial.window;
  const inside = within(points, trial.window);
  const first = edge(points, startSeconds) ?? inside[0];
  const last = edge(points, endSeconds) ?? inside.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const span = last.at - first.at;
  const length = endSeconds - startSeconds;
  const fell = inside.some((point, i) => i > 0 && point.value < (inside[i - 1] as Point).value);
  if (fell || !(span > 0) || span < LEAST_SPAN * length) return undefined;
  return ((last.value - first.value) / span) * length;
}

function edge(points: readonly Point[], at: number): Point | undefined {
  const value = interpolate(points, at);
  return value === undefined ? undefined : { at, value };
}
