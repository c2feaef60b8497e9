import { assertSample } from './least-n.ts';

/**
 * The rising (nowhere falling) values that are nearest to those given, by weighted least squares: pool adjacent violators
 * (Ayer et al., Annals of Mathematical Statistics 26(4), 1955; Best and Chakravarti, Mathematical Programming 47, 1990).
 * Values in the order of their levels, in any unit, in which the fit is too; weights are positive, 1 where none are given.
 */
export function isotonic(values: readonly number[], weights?: readonly number[]): readonly number[] {
  assertSample(values);
  assertWeights(values, weights);
  const pools: { mean: number; weight: number; size: number }[] = [];
  values.forEach((value, i) => {
    let pool = { mean: value, weight: weights?.[i] ?? 1, size: 1 };
    for (let last = pools.at(-1); last !== undefined && last.mean >= pool.mean; last = pools.at(-1)) {
      pools.pop();
      const weight = last.weight + pool.weight;
      // From one mean towards the other, not Σwx ÷ Σw: equal values stay exactly what they are.
      const mean = last.mean + (pool.mean - last.mean) * (pool.weight / weight);
      pool = { mean, weight, size: last.size + pool.size };
    }
    pools.push(pool);
  });
  return pools.flatMap(({ mean, size }) => new Array<number>(size).fill(mean));
}

/** The falling (nowhere rising) values that are nearest to those given; else as `isotonic`. */
export function antitonic(values: readonly number[], weights?: readonly number[]): readonly number[] {
  return isotonic(values.toReversed(), weights?.toReversed()).toReversed();
}

function assertWeights(values: readonly number[], weights: readonly number[] | undefined): void {
  if (weights === undefined) return;
  if (weights.length !== values.length) throw new RangeError(`${values.length} values, ${weights.length} weights`);
  const odd = weights.find((weight) => !(weight > 0 && weight < Infinity));
  if (odd !== undefined) throw new RangeError(`a weight is positive and finite, not ${odd}`);
}
