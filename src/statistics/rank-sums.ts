/** Twice the midrank of each value: whole numbers, for tied ranks end in a half at most. */
export function doubledMidranks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).toSorted((a, b) => (values[a] as number) - (values[b] as number));
  const doubled = new Array<number>(values.length).fill(0);
  for (let first = 0; first < order.length;) {
    let last = first;
    while (last + 1 < order.length && values[order[last + 1] as number] === values[order[first] as number]) last++;
    for (let i = first; i <= last; i++) doubled[order[i] as number] = first + 1 + (last + 1);
    first = last + 1;
  }
  return doubled;
}

/** P(sum ≤ s) from the probabilities of each sum. */
export function cumulative(mass: Float64Array, s: number): number {
  let sum = 0;
  for (let i = 0; i <= s; i++) sum += mass[i] as number;
  return sum;
}

/**
 * P(sum = s) where `size` of the whole numbers are drawn without replacement, every choice equally likely: the exact
 * distribution of a rank sum given its ties. Each number in turn is drawn with the probability that places are left for
 * it, so that the entries are probabilities throughout and neither overflow nor lose digits as counts would.
 */
export function drawnSumDistribution(numbers: readonly number[], size: number): Float64Array {
  const most = numbers.toSorted((a, b) => b - a).slice(0, size);
  const width = most.reduce((sum, number) => sum + number, 0) + 1;
  // states[k][s]: k of the numbers seen so far are drawn and sum to s
  const states = Array.from({ length: size + 1 }, () => new Float64Array(width));
  (states[0] as Float64Array)[0] = 1;
  // In one order, so that rounding does not depend on how the sample was written down.
  numbers
    .toSorted((a, b) => a - b)
    .forEach((number, seen) => {
      const left = numbers.length - seen;
      for (let drawn = Math.min(seen, size); drawn >= 0; drawn--) {
        const take = (size - drawn) / left;
        const from = states[drawn] as Float64Array;
        const into = states[drawn + 1];
        const leave = Math.max(0, 1 - take);
        for (let sum = 0; sum < width; sum++) {
          const mass = from[sum] as number;
          if (mass === 0) continue;
          if (into !== undefined && take > 0) into[sum + number] = (into[sum + number] as number) + mass * take;
          from[sum] = mass * leave;
        }
      }
    });
  return states[size] as Float64Array;
}
