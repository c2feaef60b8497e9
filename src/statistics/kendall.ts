/**
 * P(C = c) for the number C of pairs from two different groups that stand in rising order, where every order of the points
 * is equally likely: Kendall's exact distribution (Kendall, Rank Correlation Methods, 1970, ch. 5). One size for each
 * group of equal x; n different x are n groups of one. Group after group takes its places among the points before it, and
 * the pairs so gained are a Mann–Whitney count, whose generating function is the product of (1 − qᵐ⁺ⁱ) ÷ (1 − qⁱ) over
 * the group's i = 1, 2, … with m points before it.
 */
export function kendallDistribution(groups: readonly number[]): Float64Array {
  let mass = Float64Array.of(1);
  let before = 0;
  for (const size of groups) {
    for (let i = 1; i <= size; i++) mass = timesQuotient(mass, before, i);
    before += size;
  }
  return mass;
}

/** A distribution times (1 − q^(before + i)) ÷ (1 − qⁱ), made to sum to 1 again. */
function timesQuotient(mass: Float64Array, before: number, i: number): Float64Array<ArrayBuffer> {
  const product = new Float64Array(mass.length + before);
  const at = (s: number): number => (s >= 0 && s < mass.length ? (mass[s] as number) : 0);
  // The lower half only: the subtractions would drown the upper tail. The distribution is symmetric.
  const half = Math.ceil(product.length / 2);
  for (let s = 0; s < half; s++) {
    product[s] = at(s) - at(s - before - i) + (s >= i ? (product[s - i] as number) : 0);
  }
  for (let s = 0; s < half; s++) {
    product[s] = ((product[s] as number) * i) / (before + i);
    product[product.length - 1 - s] = product[s] as number;
  }
  return product;
}
