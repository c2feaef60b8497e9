import type { Reading } from '../../results/format.ts';
import type { Point } from '../../statistics/time-mean.ts';
import type { Course, CourseKey } from '../analysis.ts';
import { processStart } from './gc-figures.ts';
import { liveSeries } from './memory-figures.ts';
import type { MeasuredTrial } from './trial-readings.ts';
import { RUNTIME_PROBES, PROCESS_PROBES } from '../../experiment/probe-ids.ts';
import { series } from './trial-readings.ts';
import { windowedGcCpu } from '../../go/windowed-gc-cpu.ts';

/** Most points of a trial's course. */
const MOST_POINTS = 150;
/** Bins that one point of GC CPU from gctrace stands for: a bin as short as a cycle would show 0, 1, 0, 1. */
const TRACE_BINS = 5;

/**
 * A trial over time, for charts only: means over equal bins of time, one edge of which is the window's start, from the
 * first reading (warm-up: negative seconds) to the window's end. GC CPU of a bin is that between the readings around it.
 */
export function courseOf(trial: MeasuredTrial): Course {
  const { startSeconds, endSeconds } = trial.window;
  const first = Math.min(startSeconds, ...[...trial.readings.values()].map((list) => list[0]?.at ?? startSeconds));
  const length = endSeconds - startSeconds;
  // Bins before and after the window's start are whole, so that they are one fewer than the points allow.
  const width = (endSeconds - first) / (MOST_POINTS - 1);
  if (!(length > 0) || !(width > 0)) return { trial: trial.record.id, seconds: [], series: {} };
  const before = Math.ceil((startSeconds - first) / width - 1e-9);
  const count = before + Math.ceil(length / width - 1e-9);
  const binOf = (at: number): number => before + Math.floor((at - startSeconds) / width);
  const columns: Partial<Record<CourseKey, (number | null)[]>> = {};
  const put = (key: CourseKey, points: readonly Point[] | undefined, digits: (value: number) => number): void => {
    const column = binMeans(points ?? [], binOf, count, digits);
    if (column.some((value) => value !== null)) columns[key] = column;
  };
  put('rss', series(trial, 'rssBytes', PROCESS_PROBES)?.points, Math.round);
  put('heapSys', series(trial, 'heapSysBytes', RUNTIME_PROBES)?.points, Math.round);
  put('heapInuse', series(trial, 'heapInuseBytes', RUNTIME_PROBES)?.points, Math.round);
  put('heapLive', liveSeries(trial)?.points, Math.round);
  put('gcCpu', gcCpuPoints(trial, width * TRACE_BINS), (value) => Number(value.toPrecision(6)));
  const seconds = Array.from({ length: count }, (_, bin) => Number(((bin + 0.5 - before) * width).toFixed(3)));
  return { trial: trial.record.id, seconds, series: columns };
}

/** GC's fraction of GOMAXPROCS × time over time: between readings where the runtime tells, else of gctrace. */
function gcCpuPoints(trial: MeasuredTrial, traceSeconds: number): readonly Point[] {
  const start = processStart(trial);
  for (const probe of RUNTIME_PROBES) {
    const readings = trial.readings.get(probe) ?? [];
    const points = edgePoints(readings, (from, to) => {
      const gc = difference(from.gcCpuSeconds, to.gcCpuSeconds);
      const total = difference(from.classesTotalCpuSeconds, to.classesTotalCpuSeconds);
      if (gc !== undefined && total !== undefined) return total > 0 ? gc / total : undefined;
      const [first, last] = [edgeOf(from, start), edgeOf(to, start)];
      return first && last && windowedGcCpu(first, last);
    });
    if (points.length > 0) return points;
  }
  return tracePoints(trial, traceSeconds);
}

/** One point where the counter of cycles advanced since the reading before; readings between are passed over. */
function edgePoints(
  readings: readonly Reading[],
  fraction: (from: Reading['v'], to: Reading['v']) => number | undefined,
): Point[] {
  const points: Point[] = [];
  let from: Reading | undefined;
  for (const to of readings) {
    if (to.v.numGc === undefined || to.v.numGc === 0) continue;
    if (from !== undefined && to.v.numGc <= (from.v.numGc as number)) continue;
    const value = from && fraction(from.v, to.v);
    if (from !== undefined && value !== undefined && value >= 0) points.push({ at: (from.at + to.at) / 2, value });
    from = to;
  }
  return points;
}

function tracePoints(trial: MeasuredTrial, seconds: number): Point[] {
  const cycles = (trial.readings.get('gctrace') ?? []).filter((reading) => reading.v.cycleGcCpuSeconds !== undefined);
  const points: Point[] = [];
  const { startSeconds, endSeconds } = trial.window;
  const first = cycles[0]?.at ?? endSeconds;
  // Spans are laid from the window's start backwards and forwards.
  let from = startSeconds - Math.floor((startSeconds - Math.min(first, startSeconds)) / seconds) * seconds;
  for (; from + seconds <= endSeconds + 1e-9 && cycles.length > 0; from += seconds) {
    const inside = cycles.filter(({ at }) => at >= from && at < from + seconds);
    const cpu = inside.reduce((sum, cycle) => sum + (cycle.v.cycleGcCpuSeconds as number), 0);
    points.push({ at: from + seconds / 2, value: cpu / (trial.gomaxprocs * seconds) });
  }
  return points;
}

function edgeOf(v: Reading['v'], start: number): Parameters<typeof windowedGcCpu>[0] | undefined {
  if (v.gcCpuFraction === undefined || v.lastGcUnixSeconds === undefined) return undefined;
  return { gcCpuFraction: v.gcCpuFraction, uptimeSeconds: v.lastGcUnixSeconds - start };
}

function difference(from: number | undefined, to: number | undefined): number | undefined {
  return from === undefined || to === undefined ? undefined : to - from;
}

function binMeans(
  points: readonly Point[],
  binOf: (at: number) => number,
  count: number,
  digits: (value: number) => number,
): (number | null)[] {
  const sums = new Float64Array(count);
  const numbers = new Uint32Array(count);
  for (const { at, value } of points) {
    const bin = binOf(at);
    if (bin < 0 || bin >= count) continue;
    sums[bin] = (sums[bin] as number) + value;
    numbers[bin] = (numbers[bin] as number) + 1;
  }
  return Array.from(sums, (sum, bin) => (numbers[bin] === 0 ? null : digits(sum / (numbers[bin] as number))));
}
