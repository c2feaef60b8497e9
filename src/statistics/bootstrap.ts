import { quantileSorted } from 'simple-statistics';

import type { Estimate } from './estimate.ts';
import { assertConfidence } from './least-n.ts';
import { normalCdf, normalQuantile } from './normal.ts';
import type { RandomStream } from './random.ts';

/** What a bootstrap needs beyond the sample. */
export interface BootstrapOptions {
  readonly confidence: number;
  readonly stream: RandomStream;
  /** What the statistic is called in `Estimate.method`, for example `ratio of medians`. */
  readonly name: string;
  /** Resamples; 9,999 puts the Monte Carlo error of an end well under the sampling error. */
  readonly resamples?: number;
}

/** Fewer trials than this leave a bootstrap nothing to resample from. */
const LEAST_N = 5;
/** Under this many trials BCa covers visibly less than it states (measured: test/statistics/coverage.test.ts). */
const SMALL_N = 12;

/**
 * Any statistic of a sample with the bias-corrected and accelerated bootstrap interval (Efron 1987; Efron and
 * Tibshirani 1993, §14.3), for statistics that have no exact interval. The items may be anything, pairs too.
 * It is second-order right for large n only; for small n the estimate says so in its warnings, which is why medians
 * and shifts use the exact intervals.
 */
export function bootstrapEstimate<T>(
  sample: readonly T[],
  statistic: (sample: readonly T[]) => number,
  options: BootstrapOptions,
): Estimate {
  const { confidence, stream, name, resamples = 9_999 } = options;
  assertConfidence(confidence);
  const n = sample.length;
  const value = statistic(sample);
  if (!Number.isFinite(value)) throw new RangeError(`the statistic ${name} is ${value}`);
  const base = { value, method: `${name}, BCa bootstrap`, n };
  const none = (why: string): Estimate => ({ ...base, low: null, high: null, confidence: null, warnings: [why] });
  if (n < LEAST_N) return none(`interval not attainable with n = ${n}, needs ${LEAST_N}`);

  const replicates = new Float64Array(resamples);
  const drawn = new Array<T>(n);
  for (let b = 0; b < resamples; b++) {
    for (let i = 0; i < n; i++) drawn[i] = sample[stream.int(n)] as T;
    replicates[b] = statistic(drawn);
  }
  replicates.sort();
  if (!Number.isFinite(replicates.at(0)) || !Number.isFinite(replicates.at(-1))) {
    return none(`interval not attainable: ${name} is not finite in some resamples`);
  }
  if (replicates.at(0) === replicates.at(-1)) return none('interval not attainable: the statistic never varies');
  const ends = bcaProbabilities(replicates, value, acceleration(sample, statistic), confidence);
  if (ends === undefined) return none(`interval not attainable: ${name} lies outside of all its resamples`);
  return {
    ...base,
    low: quantileSorted(replicates as unknown as number[], ends.low),
    high: quantileSorted(replicates as unknown as number[], ends.high),
    confidence,
    warnings: n < SMALL_N ? [`bootstrap interval of n = ${n}: covers less than its ${percent(confidence)}`] : [],
  };
}

/** The two probabilities at which BCa reads the sorted replicates; undefined where the value lies outside of them all. */
function bcaProbabilities(
  replicates: Float64Array,
  value: number,
  a: number,
  confidence: number,
): { low: number; high: number } | undefined {
  // Bias correction, ties counted half (as SciPy does): else a discrete statistic such as the median is biased.
  let below = 0;
  for (const replicate of replicates) below += replicate < value ? 1 : replicate === value ? 0.5 : 0;
  if (below === 0 || below === replicates.length) return undefined;
  const z0 = normalQuantile(below / replicates.length);
  const adjusted = (tail: number): number => {
    const z = z0 + normalQuantile(tail);
    return normalCdf(z0 + z / (1 - a * z));
  };
  const tail = (1 - confidence) / 2;
  return { low: adjusted(tail), high: adjusted(1 - tail) };
}

/** The acceleration: a sixth of the skewness of the jackknife values; 0 where those never vary. */
function acceleration<T>(sample: readonly T[], statistic: (sample: readonly T[]) => number): number {
  const jackknife = sample.map((_, left) => statistic(sample.filter((__, i) => i !== left)));
  const mean = jackknife.reduce((sum, value) => sum + value, 0) / jackknife.length;
  let squares = 0;
  let cubes = 0;
  for (const value of jackknife) {
    squares += (mean - value) ** 2;
    cubes += (mean - value) ** 3;
  }
  const a = cubes / (6 * squares ** 1.5);
  return Number.isFinite(a) ? a : 0;
}

function percent(fraction: number): string {
  return `${Number((fraction * 100).toPrecision(6))} %`;
}
