import { assertSample } from './least-n.ts';
import { normalCdf } from './normal.ts';
import { cumulative, doubledMidranks, drawnSumDistribution } from './rank-sums.ts';

/** Up to so many values in both samples together the distribution is counted out; beyond, the normal one serves. */
export const MOST_EXACT = 100;

/** The two-sided p of a Mann–Whitney test, and what it rests on. */
export interface MannWhitneyTest {
  /** Pairs in which the first is greater, ties counted half. */
  readonly u: number;
  /** Two-sided; null where all values of both samples are equal. */
  readonly p: number | null;
  readonly method: 'Mann–Whitney, exact' | 'Mann–Whitney, normal approximation';
}

/**
 * The Mann–Whitney U test (Wilcoxon's rank-sum test) of "the two samples come from one distribution". Exact given the
 * ties up to MOST_EXACT values: the distribution is that of the midranks that were seen, over all ways to share them
 * out, not the table for untied data. Beyond that the normal approximation with the corrections for ties and continuity
 * (Hollander, Wolfe and Chicken 2014, §4.1). Two-sided: twice the smaller tail.
 */
export function mannWhitneyTest(first: readonly number[], second: readonly number[]): MannWhitneyTest {
  assertSample(first);
  assertSample(second);
  const [m, n] = [first.length, second.length];
  const doubled = doubledMidranks([...first, ...second]);
  const sum = doubled.slice(0, m).reduce((total, rank) => total + rank, 0);
  const u = sum / 2 - (m * (m + 1)) / 2;
  const exact = m + n <= MOST_EXACT;
  const method = exact ? 'Mann–Whitney, exact' : 'Mann–Whitney, normal approximation';
  if (doubled.every((rank) => rank === doubled[0])) return { u, p: null, method };
  if (!exact) return { u, p: approximateP(u, m, n, doubled), method };
  const mass = drawnSumDistribution(doubled, m);
  const atMost = cumulative(mass, sum);
  // Summed from its own end: one less the other tail would lose the digits of a small p.
  const atLeast = cumulative(mass.toReversed(), mass.length - 1 - sum);
  return { u, p: Math.min(1, 2 * Math.min(atMost, atLeast)), method };
}

function approximateP(u: number, m: number, n: number, doubled: readonly number[]): number {
  const total = m + n;
  let ties = 0;
  for (const group of Map.groupBy(doubled, (rank) => rank).values()) ties += group.length ** 3 - group.length;
  const variance = ((m * n) / 12) * (total + 1 - ties / (total * (total - 1)));
  const distance = Math.max(0, Math.abs(u - (m * n) / 2) - 0.5);
  return Math.min(1, 2 * normalCdf(-distance / Math.sqrt(variance)));
}
