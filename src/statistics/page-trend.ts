import { doubledMidranks } from './rank-sums.ts';
import { normalCdf } from './normal.ts';

/** Up to so many states of the exact distribution it is counted out: blocks × the width of the sum. */
const MOST_STATES = 2_000_000;
/** Orders of more levels than this are too many to count for each block: 8! = 40,320. */
const MOST_LEVELS = 8;

/** The p of a trend over ordered levels, and what it rests on. */
export interface PageTrendTest {
  /** Sum over blocks and levels of place × rank. */
  readonly l: number;
  /** One-sided p of "no trend" against "rising with the levels"; null where all values of every block are equal. */
  readonly p: number | null;
  readonly method: 'Page, exact' | 'Page, normal approximation';
}

/**
 * Page's test for a rising trend over ordered levels within blocks (Page, JASA 58, 1963; Hollander, Wolfe and Chicken 2014,
 * §7.2). Each block holds the values of the levels in their order. Exact given the ties where it can be counted out, else
 * the normal approximation. For a falling trend turn the levels round.
 */
export function pageTrendTest(blocks: readonly (readonly number[])[]): PageTrendTest {
  const levels = blocks[0]?.length ?? 0;
  if (levels < 2) throw new RangeError('a trend needs at least one block of at least two levels');
  for (const block of blocks) {
    if (block.length !== levels) throw new RangeError(`a block has ${block.length} levels, the first one ${levels}`);
    if (!block.every(Number.isFinite)) throw new RangeError('a block holds finite numbers only');
  }
  const ranks = blocks.map(doubledMidranks);
  const doubled = ranks.reduce((sum, own) => sum + weighted(own), 0);
  const l = doubled / 2;
  const moving = ranks.filter((own) => own.some((rank) => rank !== own[0]));
  const exact = levels <= MOST_LEVELS && moving.length ** 2 * levels ** 3 <= MOST_STATES;
  const method = exact ? 'Page, exact' : 'Page, normal approximation';
  if (moving.length === 0) return { l, p: null, method };
  if (!exact) return { l, p: approximateP(moving), method };
  return { l, p: exactP(moving), method };
}

/** Σ place × rank; ranks, and so the sum, are doubled. */
function weighted(ranks: readonly number[]): number {
  return ranks.reduce((sum, rank, i) => sum + (i + 1) * rank, 0);
}

function exactP(ranks: readonly (readonly number[])[]): number {
  // Blocks with the same ties have the same distribution.
  const known = new Map<string, ReadonlyMap<number, number>>();
  let total: ReadonlyMap<number, number> = new Map([[0, 1]]);
  for (const own of ranks) {
    const key = own.toSorted((a, b) => a - b).join();
    const one = known.get(key) ?? distributionOf(own);
    known.set(key, one);
    const next = new Map<number, number>();
    for (const [sum, mass] of total) {
      for (const [more, share] of one) next.set(sum + more, (next.get(sum + more) ?? 0) + mass * share);
    }
    total = next;
  }
  const seen = ranks.reduce((sum, own) => sum + weighted(own), 0);
  let p = 0;
  for (const [sum, mass] of [...total].toSorted(([a], [b]) => b - a)) if (sum >= seen) p += mass;
  return Math.min(1, p);
}

/** How the weighted sum of one block is distributed over all orders of its ranks. */
function distributionOf(ranks: readonly number[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  const left = [...ranks];
  const place = (at: number, sum: number): void => {
    if (at > ranks.length) {
      counts.set(sum, (counts.get(sum) ?? 0) + 1);
      return;
    }
    for (let i = 0; i < left.length; i++) {
      const [rank] = left.splice(i, 1);
      place(at + 1, sum + at * (rank as number));
      left.splice(i, 0, rank as number);
    }
  };
  place(1, 0);
  const orders = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return new Map([...counts].map(([sum, count]) => [sum, count / orders]));
}

function approximateP(ranks: readonly (readonly number[])[]): number {
  const levels = ranks[0]?.length ?? 0;
  const places = (levels * (levels ** 2 - 1)) / 12; // Σ (place − mean)²
  let excess = 0;
  let variance = 0;
  for (const own of ranks) {
    const mean = (levels + 1) / 2;
    const spread = own.reduce((sum, rank) => sum + (rank / 2 - mean) ** 2, 0);
    excess += weighted(own) / 2 - levels * mean ** 2;
    variance += (places * spread) / (levels - 1);
  }
  return normalCdf(-excess / Math.sqrt(variance));
}
