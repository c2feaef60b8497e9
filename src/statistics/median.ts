import { medianSorted } from './descriptive.ts';
import type { Estimate } from './estimate.ts';
import { assertConfidence, assertSample, notAttainable, satisfies } from './least-n.ts';

/** How `medianEstimate` says that it was made. */
export const MEDIAN_METHOD = 'median, order statistics';

/**
 * The median with its exact order-statistic interval (the sign test turned round; Conover 1999, §3.2).
 * It assumes only that the trials are independent and of one distribution. The interval is the narrowest
 * symmetric one [x(k), x(n+1−k)] that has at least the asked confidence, and it says which one it has;
 * with ties or a discrete distribution it covers at least that.
 */
export function medianEstimate(values: readonly number[], confidence: number): Estimate {
  assertConfidence(confidence);
  assertSample(values);
  const sorted = values.toSorted((a, b) => a - b);
  const n = sorted.length;
  const base = { value: medianSorted(sorted), method: MEDIAN_METHOD, n };
  const rank = orderStatisticRank(n, confidence);
  if (rank === undefined) {
    return { ...base, low: null, high: null, confidence: null, warnings: [notAttainable(n, confidence)] };
  }
  return {
    ...base,
    low: sorted[rank.k - 1] as number,
    high: sorted[n - rank.k] as number,
    confidence: rank.confidence,
    warnings: [],
  };
}

/**
 * The largest k for which [x(k), x(n+1−k)] covers the median with at least the asked confidence, which is
 * 1 − 2·P(Bin(n, ½) ≤ k−1); undefined where even the whole range does not.
 */
export function orderStatisticRank(n: number, asked: number): { k: number; confidence: number } | undefined {
  let best: { k: number; confidence: number } | undefined;
  let logChoices = 0; // ln of n over j: sums of logarithms do not underflow for large n as 2^−n would
  let below = 0; // P(Bin(n, ½) ≤ j)
  for (let j = 0; j < n / 2; j++) {
    below += Math.exp(logChoices - n * Math.LN2);
    if (!satisfies(1 - 2 * below, asked)) break;
    best = { k: j + 1, confidence: 1 - 2 * below };
    logChoices += Math.log((n - j) / (j + 1));
  }
  return best;
}
