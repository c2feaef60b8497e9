import { medianSorted } from './descriptive.ts';
import type { Estimate } from './estimate.ts';
import { assertConfidence, assertSample, satisfies } from './least-n.ts';
import { MOST_EXACT } from './mann-whitney.ts';
import { normalQuantile } from './normal.ts';
import { drawnSumDistribution } from './rank-sums.ts';

/** How `hodgesLehmannTwoSample` says that it was made. */
export const TWO_SAMPLE_SHIFT_METHOD = 'Hodges–Lehmann, rank sum';
/** How `hodgesLehmannTwoSampleRatio` says that it was made. */
export const TWO_SAMPLE_RATIO_METHOD = 'Hodges–Lehmann of log ratios, rank sum';

/**
 * The shift from the second sample to the first: the median of all differences xᵢ − yⱼ, with the interval of the shifts
 * that the exact Mann–Whitney test does not reject (Hollander, Wolfe and Chicken 2014, §4.2–4.3). It assumes that the
 * values are independent and that the two distributions differ by a shift. With ties the closed interval covers at
 * least the stated confidence. `n` is the size of the smaller sample. Over MOST_EXACT values in both, the rank comes
 * from the normal approximation.
 */
export function hodgesLehmannTwoSample(
  first: readonly number[],
  second: readonly number[],
  confidence: number,
): Estimate {
  assertConfidence(confidence);
  assertSample(first);
  assertSample(second);
  const [m, n] = [first.length, second.length];
  const differences = new Float64Array(m * n);
  first.forEach((x, i) => second.forEach((y, j) => (differences[i * n + j] = x - y)));
  differences.sort();
  const base = { value: medianSorted(differences), method: TWO_SAMPLE_SHIFT_METHOD, n: Math.min(m, n) };
  const rank = differenceRank(m, n, confidence);
  if (rank === undefined) {
    const least = leastNOfTwo(confidence);
    const warning = `interval not attainable with n = ${m} and ${n}, needs ${least} and ${least}`;
    return { ...base, low: null, high: null, confidence: null, warnings: [warning] };
  }
  return {
    ...base,
    low: differences[rank.k - 1] as number,
    high: differences[differences.length - rank.k] as number,
    confidence: rank.confidence,
    warnings: [],
  };
}

/** The ratio of two samples, first ÷ second, on the log scale. All values must be positive. */
export function hodgesLehmannTwoSampleRatio(
  first: readonly number[],
  second: readonly number[],
  confidence: number,
): Estimate {
  const bad = [...first, ...second].find((value) => !(value > 0));
  if (bad !== undefined) throw new RangeError(`a ratio on the log scale needs positive values, not ${bad}`);
  const shift = hodgesLehmannTwoSample(first.map(Math.log), second.map(Math.log), confidence);
  return {
    ...shift,
    value: Math.exp(shift.value),
    low: shift.low === null ? null : Math.exp(shift.low),
    high: shift.high === null ? null : Math.exp(shift.high),
    method: TWO_SAMPLE_RATIO_METHOD,
  };
}

/** The least size of two samples of one size with which an interval of their shift can have the asked confidence: 4 at 95 %. */
export function leastNOfTwo(confidence: number): number {
  let n = 1;
  let choices = 2; // 2n over n
  while (!satisfies(1 - 2 / choices, confidence)) {
    n++;
    choices *= (2 * (2 * n - 1)) / n;
  }
  return n;
}

/**
 * The largest k for which [d(k), d(mn+1−k)] of the sorted differences covers the shift with at least the asked
 * confidence, which is 1 − 2·P(U ≤ k−1); undefined where even the whole range does not.
 */
function differenceRank(m: number, n: number, asked: number): { k: number; confidence: number } | undefined {
  if (m + n > MOST_EXACT) return approximateRank(m, n, asked);
  const ranks = Array.from({ length: m + n }, (_, i) => i + 1);
  const mass = drawnSumDistribution(ranks, m);
  const least = (m * (m + 1)) / 2;
  let best: { k: number; confidence: number } | undefined;
  let below = 0;
  for (let u = 0; u <= (m * n) / 2; u++) {
    below += mass[least + u] as number;
    if (!satisfies(1 - 2 * below, asked)) break;
    best = { k: u + 1, confidence: 1 - 2 * below };
  }
  return best;
}

function approximateRank(m: number, n: number, asked: number): { k: number; confidence: number } | undefined {
  const deviation = Math.sqrt((m * n * (m + n + 1)) / 12);
  const k = Math.floor((m * n) / 2 + normalQuantile((1 - asked) / 2) * deviation);
  return k < 1 ? undefined : { k, confidence: asked };
}
