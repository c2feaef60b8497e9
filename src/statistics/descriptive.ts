import * as simpleStatistics from 'simple-statistics';

/** What is used of simple-statistics. Its own declarations name files without extensions, which `nodenext` does not resolve. */
interface Descriptive {
  /** The middle of values in any order; the mean of the two middle ones where their number is even. */
  readonly median: (values: readonly number[]) => number;
  /** Like `median`, of values that are sorted already. */
  readonly medianSorted: (sorted: ArrayLike<number>) => number;
  /** The sample standard deviation (n − 1) of at least two values. */
  readonly sampleStandardDeviation: (values: readonly number[]) => number;
  /** The quantile of sorted values with linear interpolation (type 7 of R, NumPy's default). */
  readonly quantileSorted: (sorted: ArrayLike<number>, p: number) => number;
}

/** Descriptive statistics, as simple-statistics computes them. */
export const {
  median,
  medianSorted,
  quantileSorted,
  sampleStandardDeviation: standardDeviation,
}: Descriptive = simpleStatistics as unknown as Descriptive;
