import { normalCdf } from '../../src/statistics/normal.ts';
import type { RandomStream } from '../../src/statistics/random.ts';
import { gaussian } from '../../src/statistics/gaussian.ts';

/**
 * What moves a trial away from its cell's level, in units of the spread, with median 0: `normal`, `skewed` (a lognormal
 * with shape 1, of about the same spread), `heavy` (Student's t with two degrees of freedom, which has no variance) or
 * `drifting` (a machine whose speed wanders from trial to trial, twice as far
 * as its trials scatter, so that it is shared within a block for the most part).
 */
export type Noise = 'normal' | 'skewed' | 'heavy' | 'drifting';
/** Those that intervals are promised under. */
export const NOISES: readonly Noise[] = ['normal', 'skewed', 'drifting'];
/** Those that a family is promised under. */
export const FAMILY_NOISES: readonly Noise[] = ['normal', 'skewed', 'heavy'];

/** What a sweep is drawn from: the truth that the intervals are to cover. */
export interface SweepModel {
  /** The true level of each cell. */
  readonly levels: readonly number[];
  readonly noise: Noise;
  /** Scatter of the trials as a fraction of the level. */
  readonly spread: number;
  /** Whether the noise multiplies a cell's level or is added to it, the same in every cell. */
  readonly scale: 'ratio' | 'difference';
}

/** One figure per trial: a row for each cell, a column for each block. */
export interface SimulatedSweep {
  readonly values: readonly (readonly number[])[];
  /** What the machine's drift added to each trial, in units of the spread. */
  readonly drift: readonly (readonly number[])[];
}

/** What of the machine's drift is left from one trial to the next: half of it after 34 trials, some seven blocks. */
const DRIFT_KEPT = 0.98;
/** The long-run standard deviation of the drift, in units of the spread. */
const DRIFT_SPREAD = 2;

/** Runs blocks of all cells, in an order drawn for each block, on a machine that has been up for a while. */
export function simulateSweep(model: SweepModel, blocks: number, stream: RandomStream): SimulatedSweep {
  const values = model.levels.map((): number[] => []);
  const drift = model.levels.map((): number[] => []);
  let now = DRIFT_SPREAD * gaussian(stream);
  for (let block = 0; block < blocks; block++) {
    for (const cell of stream.shuffle(model.levels.map((_, i) => i))) {
      now = DRIFT_KEPT * now + Math.sqrt(1 - DRIFT_KEPT ** 2) * DRIFT_SPREAD * gaussian(stream);
      const shared = model.noise === 'drifting' ? now : 0;
      const own = ownNoise(model.noise, stream);
      const level = model.levels[cell] as number;
      const moved = model.spread * (shared + own);
      values[cell]?.push(model.scale === 'ratio' ? level * Math.exp(moved) : level + moved);
      drift[cell]?.push(shared);
    }
  }
  return { values, drift };
}

function ownNoise(noise: Noise, stream: RandomStream): number {
  switch (noise) {
    case 'skewed':
      return (Math.exp(gaussian(stream)) - 1) / 2;
    case 'heavy':
      return gaussian(stream) / Math.sqrt(stream.exponential(1));
    case 'normal':
    case 'drifting':
      return gaussian(stream);
  }
}

/**
 * The median of a cell over the time in which its trials ran: half of what the machine, as it was then, would have given
 * lies below. On a machine that does not drift this is the cell's level.
 */
export function medianOfTheTime(model: SweepModel, sweep: SimulatedSweep, cell: number): number {
  const level = model.levels[cell] as number;
  if (model.noise !== 'drifting') return level;
  const drift = sweep.drift[cell] as readonly number[];
  let [low, high] = [Math.min(...drift), Math.max(...drift)];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    const below = drift.reduce((sum, shared) => sum + normalCdf(middle - shared), 0) / drift.length;
    if (below < 0.5) low = middle;
    else high = middle;
  }
  const moved = model.spread * low;
  return model.scale === 'ratio' ? level * Math.exp(moved) : level + moved;
}

/** The difference of two cells on the machine as it was, on the whole, while the sweep ran. */
export function differenceOfTheTime(model: SweepModel, sweep: SimulatedSweep, cell: number, baseline: number): number {
  const difference = (model.levels[cell] as number) - (model.levels[baseline] as number);
  if (model.scale === 'difference') return difference;
  const drift = sweep.drift.flat();
  return difference * Math.exp((model.spread * drift.reduce((sum, shared) => sum + shared, 0)) / drift.length);
}
