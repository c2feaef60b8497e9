import { quantileSorted } from './descriptive.ts';
import type { Estimate } from './estimate.ts';
import { assertConfidence } from './least-n.ts';
import { normalCdf, normalQuantile } from './normal.ts';
import type { RandomStream } from './random.ts';
import { resample } from './resample.ts';
import { studentQuantile } from './student.ts';

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
/**
 * Under this many values even the widened interval may cover less than it states: up to 8 % less for a ratio of means of
 * skewed values (table in docs/methodology.md).
 */
const SMALL_N = 30;

/**
 * Any statistic of a sample with the bias-corrected and accelerated bootstrap interval (Efron 1987; Efron and
 * Tibshirani 1993, §14.3), for statistics that have no exact interval. The items may be
 * anything: pairs, or whole blocks with the values of all their cells, which are resampled together. The statistic is
 * handed the same array for each resample and must not keep it.
 * It is second-order right for large n; for small n it is widened (`widenedTail`) and the estimate still says in its
 * warnings that it is approximate, which is why medians and shifts use the exact intervals.
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

  const replicates = bootstrapReplicates(sample, statistic, resamples, stream);
  if (!Number.isFinite(replicates.at(0)) || !Number.isFinite(replicates.at(-1))) {
    return none(`interval not attainable: ${name} is not finite in some resamples`);
  }
  if (replicates.at(0) === replicates.at(-1)) return none('interval not attainable: the statistic never varies');
  const tail = widenedTail(n, confidence);
  const interval = bcaInterval(replicates, value, acceleration(sample, statistic), tail);
  if (interval === undefined) return none(`interval not attainable: ${name} lies outside of all its resamples`);
  const warnings =
    n < SMALL_N ? [`bootstrap interval of n = ${n}: may cover less than its ${percent(confidence)}`] : [];
  return { ...base, ...interval, confidence, warnings };
}

/** The statistic of many resamples of a sample's items, with replacement and of its own size; ascending. */
function bootstrapReplicates<T>(
  sample: readonly T[],
  statistic: (sample: readonly T[]) => number,
  resamples: number,
  stream: RandomStream,
): Float64Array {
  const replicates = new Float64Array(resamples);
  const items = [...sample];
  resample(sample.length, resamples, stream, (drawn, b) => {
    for (let i = 0; i < drawn.length; i++) items[i] = sample[drawn[i] as number] as T;
    replicates[b] = statistic(items);
  });
  return replicates.sort();
}

/**
 * The BCa interval of a statistic's value from its sorted replicates and its acceleration: the quantiles of the
 * replicates at probabilities that are corrected for bias and skewness. Undefined where the value lies outside of all
 * the replicates.
 */
export function bcaInterval(
  replicates: Float64Array,
  value: number,
  a: number,
  tail: number,
): { low: number; high: number } | undefined {
  // Bias correction, ties counted half (as SciPy does): else a discrete statistic such as the median is biased.
  let below = 0;
  for (const replicate of replicates) below += replicate < value ? 1 : replicate === value ? 0.5 : 0;
  if (below === 0 || below === replicates.length) return undefined;
  const z0 = normalQuantile(below / replicates.length);
  const end = (probability: number): number => {
    const z = z0 + normalQuantile(probability);
    return quantileSorted(replicates, normalCdf(z0 + z / (1 - a * z)));
  };
  return { low: end(tail), high: end(1 - tail) };
}

/**
 * What is left on each side of the interval. A bootstrap of n values varies (n−1)/n as much as it should and knows
 * nothing of the error of its own scale, so that its intervals are too short: the tail is that of Student's t with the
 * factor √(n/(n−1)) instead (Hesterberg, The American Statistician 69(4), 2015, §4.4). At n = 6 and 95 % it leaves
 * 0.24 % where 2.5 % were asked; for large n nothing changes.
 */
export function widenedTail(n: number, confidence: number): number {
  return normalCdf(Math.sqrt(n / (n - 1)) * studentQuantile((1 - confidence) / 2, n - 1));
}

/** The acceleration: a sixth of the skewness of the jackknife values; 0 where those never vary. */
export function acceleration<T>(sample: readonly T[], statistic: (sample: readonly T[]) => number): number {
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
