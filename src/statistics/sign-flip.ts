import { assertSample } from './least-n.ts';
import type { RandomStream } from './random.ts';

/** Up to so many pairs all 2^n signs are counted out. */
export const MOST_EXACT_PAIRS = 16;

/** The p of a sign-flip test, and how it came about. */
export interface SignFlipTest {
  /** Mean of the differences. */
  readonly mean: number;
  /** Two-sided; null where all differences are zero. */
  readonly p: number | null;
  readonly method: 'sign flip, exact' | 'sign flip, Monte Carlo';
}

/**
 * The permutation test of paired differences: under "no difference" each may as well have the other sign, and p is the
 * share of all assignments of signs whose mean lies as far from zero as the one seen (Fisher 1935; Good 2005, §3.2).
 * Exact up to MOST_EXACT_PAIRS pairs; beyond, `resamples` seeded draws with (b + 1) ÷ (m + 1), which is never too small
 * (Phipson and Smyth 2010). Unlike the signed-rank test it weighs each difference by its size.
 */
export function signFlipTest(differences: readonly number[], stream: RandomStream, resamples = 99_999): SignFlipTest {
  assertSample(differences);
  const sum = differences.reduce((total, difference) => total + difference, 0);
  const mean = sum / differences.length;
  const sizes = differences.map(Math.abs).filter((size) => size > 0);
  const exact = sizes.length <= MOST_EXACT_PAIRS;
  const method = exact ? 'sign flip, exact' : 'sign flip, Monte Carlo';
  if (sizes.length === 0) return { mean, p: null, method };
  // Sums that are equal in theory differ by rounding: they count as equal.
  const reach = Math.abs(sum) - 1e-12 * sizes.reduce((total, size) => total + size, 0);
  return { mean, p: exact ? countedShare(sizes, reach) : drawnShare(sizes, reach, stream, resamples), method };
}

/** Every assignment once, in the order of the Gray code: each step turns one sign. */
function countedShare(sizes: readonly number[], reach: number): number {
  let sum = sizes.reduce((total, size) => total + size, 0);
  const signs = sizes.map(() => 1);
  let far = Math.abs(sum) >= reach ? 1 : 0;
  const all = 2 ** sizes.length;
  for (let step = 1; step < all; step++) {
    const turned = 31 - Math.clz32(step & -step);
    const sign = signs[turned] as number;
    signs[turned] = -sign;
    sum -= 2 * sign * (sizes[turned] as number);
    if (Math.abs(sum) >= reach) far++;
  }
  return far / all;
}

function drawnShare(sizes: readonly number[], reach: number, stream: RandomStream, resamples: number): number {
  let far = 0;
  for (let draw = 0; draw < resamples; draw++) {
    let sum = 0;
    for (const size of sizes) sum += stream.next() < 0.5 ? size : -size;
    if (Math.abs(sum) >= reach) far++;
  }
  return (far + 1) / (resamples + 1);
}
