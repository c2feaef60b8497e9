import type { Levels } from '../../experiment/experiment.ts';
import { RUNTIME_PROBES, type ProbeId } from '../../experiment/probe-ids.ts';
import type { Reading, ReadingKey, TrialRecord } from '../../results/format.ts';
import type { Point, Span } from '../../statistics/time-mean.ts';
import { within } from '../../statistics/time-mean.ts';

/** One figure of one probe over a trial, in the order of time. */
export interface Series {
  readonly probe: ProbeId;
  readonly points: readonly Point[];
}

/** All that the reducers see of one completed trial. */
export interface MeasuredTrial {
  readonly record: TrialRecord;
  readonly window: Span;
  readonly levels: Levels;
  readonly gomaxprocs: number;
  /** The readings of each probe in the order of time, before, in and after the window. */
  readonly readings: ReadonlyMap<ProbeId, readonly Reading[]>;
}

/** Sorts a trial's readings by probe and time. */
export function readingsByProbe(readings: readonly Reading[]): ReadonlyMap<ProbeId, readonly Reading[]> {
  const byProbe = Map.groupBy(readings, (reading) => reading.probe);
  for (const list of byProbe.values()) list.sort((a, b) => a.at - b.at);
  return byProbe;
}

/** The points of one key as the first of the probes has it that read it in the window; a figure never mixes probes. */
export function series(trial: MeasuredTrial, key: ReadingKey, probes: readonly ProbeId[]): Series | undefined {
  for (const probe of probes) {
    const points = pointsOf(trial.readings.get(probe) ?? [], key);
    if (within(points, trial.window).length > 0) return { probe, points };
  }
  return undefined;
}

/** Like `series`, of a figure computed from each single reading; readings where it is undefined are passed over. */
export function derivedSeries(
  trial: MeasuredTrial,
  probes: readonly ProbeId[],
  figure: (values: Reading['v']) => number | undefined,
): Series | undefined {
  for (const probe of probes) {
    const points: Point[] = [];
    for (const reading of trial.readings.get(probe) ?? []) {
      const value = figure(reading.v);
      if (value !== undefined && Number.isFinite(value)) points.push({ at: reading.at, value });
    }
    if (within(points, trial.window).length > 0) return { probe, points };
  }
  return undefined;
}

/** The readings in the window of the first probe that has at least two with all these keys, the last of them included. */
export function insideWith(trial: MeasuredTrial, keys: readonly ReadingKey[]): readonly Reading[] {
  for (const probe of RUNTIME_PROBES) {
    const inside = readingsInWindow(trial, probe).filter((reading) =>
      keys.every((key) => Number.isFinite(reading.v[key])),
    );
    if (inside.length >= 2) return inside;
  }
  return [];
}

/** One probe's readings in the window. */
export function readingsInWindow(trial: MeasuredTrial, probe: ProbeId): readonly Reading[] {
  return within(trial.readings.get(probe) ?? [], trial.window);
}

/** The length of the window in seconds. */
export function windowSeconds(trial: MeasuredTrial): number {
  return trial.window.endSeconds - trial.window.startSeconds;
}

/** Most figures are made of a few keys, each of which several of them ask for. */
const known = new WeakMap<readonly Reading[], Map<ReadingKey, readonly Point[]>>();

function pointsOf(readings: readonly Reading[], key: ReadingKey): readonly Point[] {
  const own = known.get(readings) ?? new Map<ReadingKey, readonly Point[]>();
  known.set(readings, own);
  const points = own.get(key) ?? readPoints(readings, key);
  own.set(key, points);
  return points;
}

function readPoints(readings: readonly Reading[], key: ReadingKey): readonly Point[] {
  const points: Point[] = [];
  for (const reading of readings) {
    const value = reading.v[key];
    if (value !== undefined && Number.isFinite(value)) points.push({ at: reading.at, value });
  }
  return points;
}
