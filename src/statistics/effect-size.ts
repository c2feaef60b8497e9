import type { MannWhitneyTest } from './mann-whitney.ts';
import type { SignedRankTest } from './signed-rank.ts';

/**
 * The matched-pairs rank-biserial correlation (Kerby 2014): the share of the ranks that speaks for "greater" less the share
 * that speaks for "smaller". −1 where every pair is smaller, 0 where they balance, 1 where every pair is greater; zeros are
 * left out as the test leaves them out. Null where no difference is left.
 */
export function rankBiserial({ wPlus, n }: Pick<SignedRankTest, 'wPlus' | 'n'>): number | null {
  return n === 0 ? null : (4 * wPlus) / (n * (n + 1)) - 1;
}

/**
 * Cliff's delta of two samples of m and n values (Cliff 1993): the share of pairs in which the first is greater less the
 * share in which it is smaller, from −1 to 1. Vargha and Delaney's A is (delta + 1) ÷ 2.
 */
export function cliffsDelta({ u }: Pick<MannWhitneyTest, 'u'>, m: number, n: number): number {
  return (2 * u) / (m * n) - 1;
}
