import { convolve } from './convolve.ts';
import { assertSample } from './least-n.ts';
import { normalCdf } from './normal.ts';
import { cumulative, doubledMidranks } from './rank-sums.ts';

/** More levels than this have too many orders (2^k steps for each block with ties of its own). */
const MOST_LEVELS = 10;
/** Additions that a convolution over the blocks may take: 20 blocks of 10 levels, 200 of 5. */
const MOST_STEPS = 4e7;

/** What Page's test says of a trend over ordered levels. */
export interface PageTrendTest {
  /** Σ over blocks and levels of (place of the level, from 1) × (its rank in the block); half ranks where there are ties. */
  readonly l: number;
  /** One-sided p of "no trend" against values that rise with the levels: P(L ≥ l). */
  readonly rising: number;
  /** One-sided p against values that fall with the levels: P(L ≤ l). */
  readonly falling: number;
  /** Two-sided: twice the smaller of the two. */
  readonly p: number;
  readonly method: "Page's L, exact" | "Page's L, normal approximation";
  /** Blocks. */
  readonly n: number;
}

/**
 * Page's trend test (Page, JASA 58, 1963; Hollander, Wolfe and Chicken 2014, §7.2) of "in each block every order of the
 * levels is equally likely". One row for each block, one value for each level in the order of the factor; it asks only for
 * order within blocks, so that a machine that drifts from block to block does not matter. Exact given the ties: the
 * distribution is that of all orders of the midranks that were seen in each block, added up over the blocks. With more than
 * ten levels, or too many blocks, the normal approximation with those very variances. Rows without a trend to show (all
 * values equal) leave p as it is.
 */
export function pageTrendTest(blocks: readonly (readonly number[])[]): PageTrendTest {
  const levels = blocks[0]?.length ?? 0;
  if (levels < 2) throw new RangeError('a trend needs at least one block of at least two levels');
  const doubled = blocks.map((block) => {
    if (block.length !== levels) throw new RangeError(`a block has ${block.length} levels, the first ${levels}`);
    assertSample(block);
    return doubledMidranks(block);
  });
  const sum = doubled.reduce((total, ranks) => total + weighted(ranks), 0);
  const widest = 2 * (weighted(upTo(levels)) - weighted(upTo(levels).toReversed()));
  const exact = levels <= MOST_LEVELS && (blocks.length * widest) ** 2 / 2 <= MOST_STEPS;
  const { rising, falling } = exact ? exactTails(doubled, sum) : normalTails(doubled, sum);
  return {
    l: sum / 2,
    rising,
    falling,
    p: Math.min(1, 2 * Math.min(rising, falling)),
    method: exact ? "Page's L, exact" : "Page's L, normal approximation",
    n: blocks.length,
  };
}

interface Tails {
  readonly rising: number;
  readonly falling: number;
}

function exactTails(doubled: readonly (readonly number[])[], sum: number): Tails {
  // Sums count from the least that their ranks can give, so that no room is left empty below.
  let mass = Float64Array.of(1);
  let least = 0;
  const known = new Map<string, Float64Array>();
  for (const ranks of doubled) {
    const ascending = ranks.toSorted((a, b) => a - b);
    const key = ascending.join();
    const block = known.get(key) ?? orderDistribution(ascending);
    known.set(key, block);
    mass = convolve(mass, block);
    least += weighted(ascending.toReversed());
  }
  // Each tail is summed from its own end: one less the other would lose the digits of a small p.
  return {
    rising: Math.min(1, cumulative(mass.toReversed(), mass.length - 1 - (sum - least))),
    falling: Math.min(1, cumulative(mass, sum - least)),
  };
}

/**
 * P(Σ place × rank = least + s) over all orders of a block's ranks, given ascending. The places are filled one by one from
 * the first; what is left to fill them with is a set of ranks, so that 2^k sets serve instead of k! orders.
 */
function orderDistribution(ascending: readonly number[]): Float64Array {
  const k = ascending.length;
  const least = weighted(ascending.toReversed());
  const width = weighted(ascending) - least + 1;
  const greatest = weighted(ascending) + 1;
  const bySet = Array.from<Float64Array | undefined>({ length: 2 ** k });
  bySet[0] = new Float64Array(greatest);
  bySet[0][0] = 1;
  for (let set = 0; set < bySet.length - 1; set++) {
    const from = bySet[set] as Float64Array;
    const place = bits(set) + 1;
    for (let i = 0; i < k; i++) {
      if ((set & (1 << i)) !== 0) continue;
      const into = (bySet[set | (1 << i)] ??= new Float64Array(greatest));
      const step = place * (ascending[i] as number);
      for (let s = 0; s + step < greatest; s++) {
        if (from[s] !== 0) into[s + step] = (into[s + step] as number) + (from[s] as number) / (k - place + 1);
      }
    }
    bySet[set] = undefined;
  }
  return (bySet.at(-1) as Float64Array).subarray(least, least + width);
}

/** The mean and the variance are those of all orders of each block's midranks, so that ties are accounted for. */
function normalTails(doubled: readonly (readonly number[])[], sum: number): Tails {
  const levels = doubled[0]?.length ?? 0;
  const places = squares(upTo(levels));
  let [mean, variance] = [0, 0];
  for (const ranks of doubled) {
    mean += (levels * (levels + 1) ** 2) / 2;
    variance += (places * squares(ranks)) / (levels - 1);
  }
  if (variance === 0) return { rising: 1, falling: 1 };
  const z = (sum - mean) / Math.sqrt(variance);
  return { rising: normalCdf(-z), falling: normalCdf(z) };
}

/** The sum of the squares of the distances from the mean. */
function squares(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
}

function weighted(ranks: readonly number[]): number {
  return ranks.reduce((sum, rank, i) => sum + (i + 1) * rank, 0);
}

function upTo(levels: number): number[] {
  return Array.from({ length: levels }, (_, i) => i + 1);
}

function bits(set: number): number {
  let count = 0;
  for (let rest = set; rest > 0; rest &= rest - 1) count++;
  return count;
}
