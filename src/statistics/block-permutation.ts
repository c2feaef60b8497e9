import { assertSample } from './least-n.ts';
import type { RandomStream } from './random.ts';
import { doubledMidranks } from './rank-sums.ts';

/** Up to so many arrangements all are counted out. */
const MOST_ARRANGEMENTS = 2 ** 16;

/** Whether any of several cells differs, from blocks that have one value of each. */
export interface BlockPermutationTest {
  /** Friedman's χ², corrected for ties; null where all values of every block are equal. */
  readonly statistic: number | null;
  readonly p: number | null;
  readonly method: 'Friedman, exact permutation' | 'Friedman, Monte Carlo permutation';
  /** Blocks. */
  readonly n: number;
}

/**
 * The permutation test of "within each block every order of the cells is equally likely" (Friedman, JASA 32, 1937; Good
 * 2005, ch. 5), one row for each block, by the ranks within blocks: p is the share of all arrangements whose rank sums lie
 * as far apart as those seen. Counted out up to 2^16 arrangements; beyond, `resamples` seeded draws with (b + 1) ÷ (m + 1)
 * (Phipson and Smyth 2010). For two cells it is the sign test, which unlike `signFlipTest` asks for nothing but order.
 */
export function blockPermutationTest(
  blocks: readonly (readonly number[])[],
  stream: RandomStream,
  resamples = 9_999,
): BlockPermutationTest {
  const cells = blocks[0]?.length ?? 0;
  if (cells < 2) throw new RangeError('a test within blocks needs at least one block of at least two cells');
  const ranks = blocks.map((block) => {
    if (block.length !== cells) throw new RangeError(`a block has ${block.length} cells, the first ${cells}`);
    assertSample(block);
    return doubledMidranks(block);
  });
  const n = blocks.length;
  // The first block may stay as it is: only how the blocks lie to each other matters.
  const exact = (n - 1) * Math.log(factorial(cells)) <= Math.log(MOST_ARRANGEMENTS) + 1e-9;
  const method = exact ? 'Friedman, exact permutation' : 'Friedman, Monte Carlo permutation';
  // Doubled ranks are centred at cells + 1; whole numbers, so that equal spreads are equal.
  const within = ranks.flat().reduce((sum, rank) => sum + (rank - cells - 1) ** 2, 0);
  if (within === 0) return { statistic: null, p: null, method, n };
  const sums = new Array<number>(cells).fill(0);
  for (const block of ranks) block.forEach((rank, cell) => (sums[cell] = (sums[cell] as number) + rank));
  const seen = spread(sums, n);
  const p = exact ? countedShare(ranks, seen) : drawnShare(ranks, seen, stream, resamples);
  return { statistic: ((cells - 1) * seen) / within, p, method, n };
}

/** How far rank sums lie apart: squares about what each would be without a difference. */
function spread(sums: readonly number[], n: number): number {
  const expected = n * (sums.length + 1);
  return sums.reduce((total, sum) => total + (sum - expected) ** 2, 0);
}

function countedShare(ranks: readonly (readonly number[])[], seen: number): number {
  const orders = ranks.slice(1).map(ordersOf);
  const n = ranks.length;
  const far = (block: number, sums: readonly number[]): number => {
    const own = orders[block];
    if (own === undefined) return spread(sums, n) >= seen ? 1 : 0;
    let share = 0;
    for (const order of own) {
      share += far(
        block + 1,
        sums.map((sum, cell) => sum + (order[cell] as number)),
      );
    }
    return share / own.length;
  };
  return far(0, ranks[0] ?? []);
}

function ordersOf(items: readonly number[]): readonly (readonly number[])[] {
  if (items.length < 2) return [items];
  return items.flatMap((item, at) => ordersOf(items.toSpliced(at, 1)).map((rest) => [item, ...rest]));
}

/** Shuffles all blocks at once, place by place from the last (Fisher and Yates), so that the draws of a place come together. */
function drawnShare(
  ranks: readonly (readonly number[])[],
  seen: number,
  stream: RandomStream,
  resamples: number,
): number {
  const cells = ranks[0]?.length ?? 0;
  const expected = ranks.length * (cells + 1);
  const shuffled = Uint32Array.from(ranks.flat());
  const others = new Uint32Array(ranks.length);
  let far = 0;
  for (let draw = 0; draw < resamples; draw++) {
    let apart = 0;
    for (let last = cells - 1; last >= 0; last--) {
      stream.indices(others, last + 1);
      let sum = 0;
      for (let block = 0; block < others.length; block++) {
        const [from, to] = [block * cells + last, block * cells + (others[block] as number)];
        const rank = shuffled[to] as number;
        shuffled[to] = shuffled[from] as number;
        shuffled[from] = rank;
        sum += rank;
      }
      apart += (sum - expected) ** 2;
    }
    if (apart >= seen) far++;
  }
  return (far + 1) / (resamples + 1);
}

function factorial(k: number): number {
  return k < 2 ? 1 : k * factorial(k - 1);
}
