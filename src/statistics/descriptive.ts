import * as simpleStatistics from 'simple-statistics';

/** What is used of simple-statistics. Its own declarations name files without extensions, which `nodenext` does not resolve. */
interface Descriptive {
  /** The middle of values in any order; the mean of the two middle ones where their number is even. */
  readonly median: (values: readonly number[]) => number;
  /** Like `median`, of values that are sorted already. */
  readonly medianSorted: (sorted: ArrayLike<number>) => number;
  /** Moves the k-th smallest value (from 0) to place k, no greater ones before it and no smaller ones behind it. */
  readonly quickselect: (values: Float64Array, k: number) => void;
  /** The sample standard deviation (n − 1) of at least two values. */
  readonly sampleStandardDeviation: (values: readonly number[]) => number;
  /** The quantile of sorted values with linear interpolation (type 7 of R, NumPy's default). */
  readonly quantileSorted: (sorted: ArrayLike<number>, p: number) => number;
}

/** Descriptive statistics, as simple-statistics computes them. */
export const {
  quickselect,
  median,
  medianSorted,
  quantileSorted,
  sampleStandardDeviation: standardDeviation,
}: Descriptive = simpleStatistics as unknown as Descriptive;

/** The median of values in any order, by selection: for what is computed once a resample. Leaves them in another order. */
export function medianInPlace(values: Float64Array): number {
  const half = values.length >> 1;
  quickselect(values, half);
  const upper = values[half] as number;
  if (values.length % 2 === 1) return upper;
  let lower = -Infinity;
  for (let i = 0; i < half; i++) lower = Math.max(lower, values[i] as number);
  return (lower + upper) / 2;
}
