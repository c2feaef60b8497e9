import { medianSorted } from './descriptive.ts';
import type { Estimate } from './estimate.ts';
import { assertConfidence, assertSample, notAttainable, satisfies } from './least-n.ts';
import { signedRankDistribution } from './signed-rank.ts';

/** How `hodgesLehmann` says that it was made. */
export const SHIFT_METHOD = 'Hodges–Lehmann, signed rank';
/** How `hodgesLehmannRatio` says that it was made. */
export const RATIO_METHOD = 'Hodges–Lehmann of log ratios, signed rank';

/**
 * The shift of paired differences: the median of all Walsh averages (dᵢ + dⱼ)/2, i ≤ j, with the interval of the
 * Walsh averages that the exact signed-rank test does not reject (Hollander, Wolfe and Chicken 2014, §3.2–3.3).
 * It assumes that the blocks are independent and the differences symmetric about the shift, as differences of two
 * trials of one distribution are. Zeros and ties stay in: the closed interval then covers at least the stated
 * confidence (Noether 1967).
 */
export function hodgesLehmann(differences: readonly number[], confidence: number): Estimate {
  assertConfidence(confidence);
  assertSample(differences);
  const n = differences.length;
  const walsh = walshAverages(differences);
  const base = { value: medianSorted(walsh), method: SHIFT_METHOD, n };
  const rank = walshRank(n, confidence);
  if (rank === undefined) {
    return { ...base, low: null, high: null, confidence: null, warnings: [notAttainable(n, confidence)] };
  }
  return {
    ...base,
    low: walsh[rank.k - 1] as number,
    high: walsh[walsh.length - rank.k] as number,
    confidence: rank.confidence,
    warnings: [],
  };
}

/**
 * The ratio of pairs, first ÷ second: the Hodges–Lehmann shift of ln(first) − ln(second), exponentiated.
 * All values must be positive.
 */
export function hodgesLehmannRatio(pairs: readonly (readonly [number, number])[], confidence: number): Estimate {
  const bad = pairs.flat().find((value) => !(value > 0));
  if (bad !== undefined) throw new RangeError(`a ratio on the log scale needs positive values, not ${bad}`);
  const shift = hodgesLehmann(
    pairs.map(([first, second]) => Math.log(first / second)),
    confidence,
  );
  return {
    ...shift,
    value: Math.exp(shift.value),
    low: shift.low === null ? null : Math.exp(shift.low),
    high: shift.high === null ? null : Math.exp(shift.high),
    method: RATIO_METHOD,
  };
}

/**
 * The largest k for which [w(k), w(M+1−k)] of the M = n(n+1)/2 sorted Walsh averages covers the shift with at least
 * the asked confidence, which is 1 − 2·P(W⁺ ≤ k−1); undefined where even the whole range does not.
 */
export function walshRank(n: number, asked: number): { k: number; confidence: number } | undefined {
  let best: { k: number; confidence: number } | undefined;
  let below = 0;
  const mass = signedRankDistribution(n);
  for (let w = 0; w < mass.length / 2; w++) {
    below += mass[w] as number;
    if (!satisfies(1 - 2 * below, asked)) break;
    best = { k: w + 1, confidence: 1 - 2 * below };
  }
  return best;
}

function walshAverages(differences: readonly number[]): Float64Array {
  const walsh = new Float64Array((differences.length * (differences.length + 1)) / 2);
  let at = 0;
  differences.forEach((first, i) => {
    for (let j = i; j < differences.length; j++) walsh[at++] = (first + (differences[j] as number)) / 2;
  });
  return walsh.sort();
}
