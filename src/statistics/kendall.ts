import { convolve } from './convolve.ts';
import { drawnSumDistribution } from './rank-sums.ts';

/**
 * P(C = c) for the number C of pairs from two different groups that stand in rising order, where every order of the points
 * is equally likely: Kendall's exact distribution (Kendall, Rank Correlation Methods, 1970, ch. 5). One size for each
 * group of equal x; n different x are n groups of one. Group after group takes its places among those before it, and the
 * pairs so gained are a Mann–Whitney count that does not depend on the earlier ones.
 */
export function kendallDistribution(groups: readonly number[]): Float64Array {
  let mass = Float64Array.of(1);
  let before = 0;
  for (const size of groups) {
    mass = size === 1 ? besideUniform(mass, before + 1) : convolve(mass, mannWhitneyCounts(size, before));
    before += size;
  }
  return mass;
}

/** The distribution of a sum with a whole number that is uniform on 0 … values − 1, by a running sum. */
function besideUniform(mass: Float64Array, values: number): Float64Array<ArrayBuffer> {
  const sum = new Float64Array(mass.length + values - 1);
  // The lower half only: a running sum subtracts, which would drown the upper tail. The distribution is symmetric.
  let running = 0;
  for (let s = 0; s < sum.length / 2; s++) {
    running += s < mass.length ? (mass[s] as number) : 0;
    if (s >= values) running -= mass[s - values] as number;
    sum[s] = running / values;
    sum[sum.length - 1 - s] = running / values;
  }
  return sum;
}

/** P(U = u) for `size` points among `before` others. */
function mannWhitneyCounts(size: number, before: number): Float64Array {
  const ranks = Array.from({ length: size + before }, (_, i) => i + 1);
  return drawnSumDistribution(ranks, size).subarray((size * (size + 1)) / 2);
}
