import { medianSorted } from './descriptive.ts';
import type { Estimate } from './estimate.ts';
import { kendallDistribution } from './kendall.ts';
import { assertConfidence, assertSample, satisfies } from './least-n.ts';

/** How `slopeEstimate` says that it was made. */
const SLOPE_METHOD = "Theil–Sen, Kendall's S";

/**
 * The Theil–Sen slope, in units of y for each unit of x: the median of the slopes of all pairs of points, of which one
 * stray reading in three may lie anywhere without moving it far. With the interval of the slopes that Kendall's exact test does not
 * reject (Sen, JASA 63, 1968): the M slopes of pairs with two different x, sorted, from the k-th to the (M+1−k)-th, which
 * has the confidence 1 − 2·P(C < k) for the number C of those pairs that rise by chance. It assumes that what is left
 * beside the line is independent and of one distribution; ties in x are counted exactly, with ties in y the closed
 * interval covers at least what it states. Throws where all x are equal.
 */
export function slopeEstimate(xs: readonly number[], ys: readonly number[], confidence: number): Estimate {
  assertConfidence(confidence);
  assertSample(xs);
  assertSample(ys);
  const slopes = pairSlopes(xs, ys);
  if (slopes.length === 0) throw new RangeError('a slope needs two different x');
  const base = { value: medianSorted(slopes), method: SLOPE_METHOD, n: xs.length };
  const rank = slopeRank(xs, confidence);
  if (rank === undefined) {
    const why = `interval not attainable with n = ${xs.length} at these x, needs ${leastPoints(confidence)} different ones`;
    return { ...base, low: null, high: null, confidence: null, warnings: [why] };
  }
  const low = slopes[rank.k - 1] as number;
  const high = slopes[slopes.length - rank.k] as number;
  return { ...base, low, high, confidence: rank.confidence, warnings: [] };
}

/** The largest k of the interval of a slope at these x, and its confidence; undefined where even all slopes have less than the asked one. */
export function slopeRank(xs: readonly number[], asked: number): { k: number; confidence: number } | undefined {
  const mass = kendallDistribution([...Map.groupBy(xs, (x) => x).values()].map((group) => group.length));
  let best: { k: number; confidence: number } | undefined;
  let below = 0;
  for (let pairs = 0; pairs < mass.length / 2; pairs++) {
    below += mass[pairs] as number;
    if (!satisfies(1 - 2 * below, asked)) break;
    best = { k: pairs + 1, confidence: 1 - 2 * below };
  }
  return best;
}

/** The least number of different x with which a slope can have an interval: all slopes together have 1 − 2 ÷ n!. */
function leastPoints(confidence: number): number {
  let [n, orders] = [2, 2];
  while (!satisfies(1 - 2 / orders, confidence)) orders *= ++n;
  return n;
}

/** The slopes of all pairs of points with two different x, ascending. */
function pairSlopes(xs: readonly number[], ys: readonly number[]): Float64Array {
  if (xs.length !== ys.length) throw new RangeError(`${xs.length} x do not go with ${ys.length} y`);
  const slopes = new Float64Array((xs.length * (xs.length - 1)) / 2);
  let count = 0;
  for (let i = 0; i < xs.length; i++) {
    for (let j = i + 1; j < xs.length; j++) {
      const run = (xs[j] as number) - (xs[i] as number);
      if (run !== 0) slopes[count++] = ((ys[j] as number) - (ys[i] as number)) / run;
    }
  }
  return slopes.subarray(0, count).sort();
}
