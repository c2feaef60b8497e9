import type { Span } from '../../statistics/time-mean.ts';
import { timeMean } from '../../statistics/time-mean.ts';
import { counterDelta, cpuSeries } from './cpu-figures.ts';
import { memorySeries } from './memory-figures.ts';
import type { MeasuredTrial } from './trial-readings.ts';
import { windowSeconds } from './trial-readings.ts';

/** Thirds of which one has so much more to do than another do not compare: what differs is the load. */
const MOST_UNEVEN = 1.15;

/** How a trial's window ended compared with how it began: its last third ÷ its first third − 1. */
export interface TrialDrift {
  readonly memory: number | undefined;
  readonly cpuPerRequest: number | undefined;
}

/**
 * What drifted within the window; undefined where the readings or the generator do not tell, where the load was not the same
 * in its thirds, and of a run from start to end.
 */
export function trialDrift(trial: MeasuredTrial): TrialDrift {
  if (trial.record.work?.unit === 'run' || unevenLoad(trial) !== undefined) {
    return { memory: undefined, cpuPerRequest: undefined };
  }
  return { memory: change(memoryThirds(trial)), cpuPerRequest: change(cpuThirds(trial)) };
}

/** CPU per request in each third of the window, seconds: CPU time of the third ÷ requests that fell due in it. */
export function cpuThirds(trial: MeasuredTrial): readonly number[] | undefined {
  const due = trial.record.work?.thirds;
  const points = cpuSeries(trial)?.points;
  if (due === undefined || points === undefined || unevenLoad(trial) !== undefined) return undefined;
  const found = thirds(trial).map((third, i) => (counterDelta(points, third) ?? NaN) / (due[i] as number));
  return found.every((seconds) => seconds > 0) ? found : undefined;
}

/** Requests of each third where they differ too much to compare the thirds, as under bursts of which a third holds no whole number. */
export function unevenLoad({ record }: MeasuredTrial): readonly number[] | undefined {
  const due = record.work?.thirds;
  return due !== undefined && Math.max(...due) > MOST_UNEVEN * Math.min(...due) ? due : undefined;
}

function memoryThirds(trial: MeasuredTrial): readonly number[] | undefined {
  const points = memorySeries(trial)?.points ?? [];
  const found = thirds(trial).map((third) => timeMean(points, third) ?? NaN);
  return found.every((bytes) => bytes > 0) ? found : undefined;
}

function thirds(trial: MeasuredTrial): readonly Span[] {
  const length = windowSeconds(trial) / 3;
  const start = trial.window.startSeconds;
  return [0, 1, 2].map((i) => ({ startSeconds: start + i * length, endSeconds: start + (i + 1) * length }));
}

function change(found: readonly number[] | undefined): number | undefined {
  return found === undefined ? undefined : (found[2] as number) / (found[0] as number) - 1;
}
