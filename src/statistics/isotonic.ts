/**
 * The rising sequence nearest to the given one in weighted least squares, by pooling adjacent violators (Barlow et al.
 * 1972; Best and Chakravarti 1990). Weights are positive; without them all weigh the same.
 */
export function isotonic(values: readonly number[], weights?: readonly number[]): readonly number[] {
  if (weights !== undefined && weights.length !== values.length) {
    throw new RangeError(`${weights.length} weights do not go with ${values.length} values`);
  }
  if (!values.every(Number.isFinite)) throw new RangeError('isotonic regression is of finite numbers');
  if (weights?.some((weight) => !(weight > 0 && Number.isFinite(weight))) === true) {
    throw new RangeError('weights are positive numbers');
  }
  const pools: { sum: number; weight: number; length: number }[] = [];
  values.forEach((value, i) => {
    const weight = weights?.[i] ?? 1;
    let pool = { sum: value * weight, weight, length: 1 };
    for (
      let last = pools.at(-1);
      last !== undefined && last.sum / last.weight >= pool.sum / pool.weight;
      last = pools.at(-1)
    ) {
      pool = { sum: pool.sum + last.sum, weight: pool.weight + last.weight, length: pool.length + last.length };
      pools.pop();
    }
    pools.push(pool);
  });
  return pools.flatMap(({ sum, weight, length }) => new Array<number>(length).fill(sum / weight));
}

/** The falling sequence nearest to the given one. */
export function antitonic(values: readonly number[], weights?: readonly number[]): readonly number[] {
  return isotonic(
    values.map((value) => -value),
    weights,
  ).map((value) => 0 - value);
}
