import { cumulative, doubledMidranks } from './rank-sums.ts';

/** The exact two-sided p of a signed-rank test, and what it rests on. */
export interface SignedRankTest {
  /** Sum of the ranks of the positive differences; half ranks where there are ties. */
  readonly wPlus: number;
  /** Exact two-sided p; null where no difference is left. */
  readonly p: number | null;
  /** Differences that are not zero. */
  readonly n: number;
  /** Differences of exactly zero, which were left out. */
  readonly zeros: number;
}

/**
 * Wilcoxon's signed-rank test of "the differences lie symmetrically about zero", exact for every n.
 * Zeros are left out (Wilcoxon's own rule; they carry no direction). Tied magnitudes share the mean of their
 * ranks, and the distribution is the exact one given those ranks (all 2^n signs, by dynamic programming over
 * doubled ranks), not the table for untied data.
 */
export function signedRankTest(differences: readonly number[]): SignedRankTest {
  const moved = differences.filter((difference) => difference !== 0);
  const zeros = differences.length - moved.length;
  const doubled = doubledMidranks(moved.map(Math.abs));
  const wPlusDoubled = doubled.reduce((sum, rank, i) => ((moved[i] as number) > 0 ? sum + rank : sum), 0);
  if (moved.length === 0) return { wPlus: 0, p: null, n: 0, zeros };
  const mass = sumDistribution(doubled);
  // The distribution is symmetric: twice the smaller tail, the observed sum included.
  const lower = cumulative(mass, wPlusDoubled);
  const upper = cumulative(mass, mass.length - 1 - wPlusDoubled);
  return { wPlus: wPlusDoubled / 2, p: Math.min(1, 2 * Math.min(lower, upper)), n: moved.length, zeros };
}

/** P(W⁺ = w) for w = 0 … n(n+1)/2 where no two of the n magnitudes tie. */
export function signedRankDistribution(n: number): Float64Array {
  return sumDistribution(Array.from({ length: n }, (_, i) => i + 1));
}

/** P(sum = s), where each whole number is added with probability ½. Halving keeps every entry exact up to n = 53 and finite beyond. */
function sumDistribution(ranks: readonly number[]): Float64Array {
  const mass = new Float64Array(ranks.reduce((sum, rank) => sum + rank, 0) + 1);
  mass[0] = 1;
  let reached = 0;
  for (const rank of ranks) {
    reached += rank;
    for (let s = reached; s >= 0; s--) {
      mass[s] = 0.5 * ((mass[s] as number) + (s >= rank ? (mass[s - rank] as number) : 0));
    }
  }
  return mass;
}
