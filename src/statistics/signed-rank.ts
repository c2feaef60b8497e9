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
  const { wPlus, n, lower, upper } = signedRankTails(differences);
  return { wPlus, p: n === 0 ? null : Math.min(1, 2 * Math.min(lower, upper)), n, zeros: differences.length - n };
}

/**
 * Both one-sided p: `lower` of "the shift is not below zero", `upper` of "it is not above"; each P of a rank sum as far
 * out as the one seen, that one included. 1 where no difference is left.
 */
export function signedRankTails(differences: readonly number[]): {
  readonly wPlus: number;
  readonly n: number;
  readonly lower: number;
  readonly upper: number;
} {
  const moved = differences.filter((difference) => difference !== 0);
  if (moved.length === 0) return { wPlus: 0, n: 0, lower: 1, upper: 1 };
  const doubled = doubledMidranks(moved.map(Math.abs));
  const wPlusDoubled = doubled.reduce((sum, rank, i) => ((moved[i] as number) > 0 ? sum + rank : sum), 0);
  const mass = sumDistribution(doubled);
  // The distribution is symmetric: the upper tail is summed from its own end.
  const lower = cumulative(mass, wPlusDoubled);
  const upper = cumulative(mass, mass.length - 1 - wPlusDoubled);
  return { wPlus: wPlusDoubled / 2, n: moved.length, lower, upper };
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
