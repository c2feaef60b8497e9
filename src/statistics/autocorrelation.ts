import type { Estimate } from './estimate.ts';
import { assertConfidence, assertSample } from './least-n.ts';
import { studentQuantile } from './student.ts';

/** The mean of a series of readings with what its neighbours' likeness leaves of their number. `n` counts readings. */
export interface SeriesMean extends Estimate {
  /** So many independent readings would tell the mean as well. */
  readonly effectiveN: number;
  /** Standard error of the mean, in the unit of the readings. */
  readonly standardError: number;
}

/** How `seriesMean` says that it was made. */
const SERIES_METHOD = 'mean of a series, initial monotone sequence';
/** A series worth fewer independent readings than this tells nothing of its own error. */
const LEAST_EFFECTIVE = 5;

/**
 * The mean over time of a steady series of readings at equal distances (one window of one trial), with an interval that
 * knows that neighbours are alike: Student's t with the effective number in place of n, for the standard error, its
 * degrees of freedom and the bias of the variance (Zwiers and von Storch, Journal of Climate 8, 1995). It speaks of the
 * window of this one trial, never of other trials. Without an interval where fewer than five independent readings are left.
 */
export function seriesMean(readings: readonly number[], confidence: number): SeriesMean {
  assertConfidence(confidence);
  const effectiveN = effectiveSampleSize(readings);
  const n = readings.length;
  const value = readings.reduce((sum, reading) => sum + reading, 0) / n;
  const squares = readings.reduce((sum, reading) => sum + (reading - value) ** 2, 0);
  const standardError = effectiveN > 1 ? Math.sqrt(squares / n / (effectiveN - 1)) : Infinity;
  const base = { value, method: SERIES_METHOD, n, effectiveN, standardError };
  if (effectiveN < LEAST_EFFECTIVE) {
    const worth = effectiveN.toPrecision(2);
    const why = `interval not attainable: the ${n} readings are worth ${worth} independent ones, needs ${LEAST_EFFECTIVE}`;
    return { ...base, low: null, high: null, confidence: null, warnings: [why] };
  }
  const reach = -studentQuantile((1 - confidence) / 2, effectiveN - 1) * standardError;
  return { ...base, low: value - reach, high: value + reach, confidence, warnings: [] };
}

/**
 * How many independent readings tell the mean as well as these: n ÷ (1 + 2·Σρ), with the autocorrelations ρ added in pairs
 * as long as the pairs are positive and, where a later pair is greater, no more than the one before it (the initial
 * monotone sequence of Geyer, Statistical Science 7(4), 1992, §3.3). At most n, though readings that swing to and fro
 * would be worth more; n where they never vary.
 */
export function effectiveSampleSize(readings: readonly number[]): number {
  assertSample(readings);
  const n = readings.length;
  const mean = readings.reduce((sum, reading) => sum + reading, 0) / n;
  const deviations = Float64Array.from(readings, (reading) => reading - mean);
  const variance = autocovariance(deviations, 0);
  if (variance === 0) return n;
  let inflation = -1;
  let previous = Infinity;
  for (let lag = 0; lag + 1 < n; lag += 2) {
    const pair = (autocovariance(deviations, lag) + autocovariance(deviations, lag + 1)) / variance;
    if (pair <= 0) break;
    previous = Math.min(previous, pair);
    inflation += 2 * previous;
  }
  return Math.min(n, n / Math.max(inflation, 1));
}

/** Σ dᵢ·dᵢ₊ₗ ÷ n: divided by n for every lag, which keeps the sequence positive definite. */
function autocovariance(deviations: Float64Array, lag: number): number {
  let sum = 0;
  for (let i = 0; i + lag < deviations.length; i++) sum += (deviations[i] as number) * (deviations[i + lag] as number);
  return sum / deviations.length;
}
