import type { RandomStream } from './random.ts';

/** Up to so many blocks all 2^n assignments of signs are counted out. */
export const MOST_EXACT_BLOCKS = 16;
/** Rounding slack of the squared correlation below: assignments that are equal in theory count as equal. */
const SLACK = 1e-12;

/** Adjusted p values of a family of comparisons, and how they came about. */
export interface MaxT {
  /** Adjusted two-sided p in the order given; a claim is one of at most α. */
  readonly adjusted: readonly number[];
  /** Student's t of each comparison; ±∞ where its differences are all the same and not zero, 0 where there is nothing to tell. */
  readonly t: readonly number[];
  /** Assignments of signs that were looked at: all of them, or seeded draws together with the one seen. */
  readonly assignments: number;
  readonly method: 'step-down max-T, exact' | 'step-down max-T, Monte Carlo';
}

/**
 * p values of a family of paired comparisons, adjusted so that at most one family in 1 ÷ α holds any false claim: the
 * step-down max-T procedure of Westfall and Young (1993, §2.6, algorithm 4.1; Ge, Dudoit and Speed, Test 12(1), 2003).
 * Each comparison has a difference for every block, null where it lacks the block. Where nothing differs a whole block
 * may as well have the other sign, in all its comparisons at once: so the dependence between them is that of the data,
 * and even the p of many comparisons can be as small as 2 ÷ 2^n. Exact up to MOST_EXACT_BLOCKS blocks; beyond, by
 * `resamples` seeded draws with (b + 1) ÷ (m + 1).
 */
export function maxT(
  comparisons: readonly (readonly (number | null)[])[],
  stream: RandomStream,
  resamples = 9_999,
): MaxT {
  const blocks = comparisons[0]?.length ?? 0;
  if (comparisons.some((one) => one.length !== blocks)) {
    throw new RangeError('the comparisons of a family have the same blocks');
  }
  const family = comparisons.map(comparisonOf);
  const descending = family.toSorted((a, b) => studentSquared(b, b.seen) - studentSquared(a, a.seen));
  const exact = blocks <= MOST_EXACT_BLOCKS;
  const tally = new Tally(descending);
  if (exact) countAll(tally, blocks);
  else draw(tally, blocks, stream, resamples);
  // Both signs of the seen assignment are among all; of the draws it counts as one more.
  const assignments = exact ? 2 ** Math.max(1, blocks) : resamples + 1;
  const adjusted = new Map<Comparison, number>();
  let greatest = 0;
  descending.forEach((one, rank) => {
    const far = (tally.far[rank] as number) * (exact ? 2 : 1) + (exact ? 0 : 1);
    greatest = Math.max(greatest, far / assignments);
    adjusted.set(one, greatest);
  });
  return {
    adjusted: family.map((one) => adjusted.get(one) as number),
    t: family.map((one) => studentOf(one)),
    assignments,
    method: exact ? 'step-down max-T, exact' : 'step-down max-T, Monte Carlo',
  };
}

/** A comparison relative to its greatest difference, so that no square overflows. */
interface Comparison {
  /** Zero where it lacks the block. */
  readonly differences: Float64Array;
  readonly n: number;
  /** n times the sum of squares, which no sign changes: (sum of differences)² ÷ this is between 0 and 1. */
  readonly scale: number;
  /** The sum as seen. */
  readonly seen: number;
}

function comparisonOf(values: readonly (number | null)[]): Comparison {
  const present = values.filter((value) => value !== null);
  const odd = present.find((value) => !Number.isFinite(value));
  if (odd !== undefined) throw new RangeError(`a difference is a finite number, not ${odd}`);
  const greatest = present.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const differences = Float64Array.from(values, (value) => (value === null || greatest === 0 ? 0 : value / greatest));
  const n = present.length;
  return {
    differences,
    n,
    scale: n * differences.reduce((sum, value) => sum + value * value, 0),
    seen: differences.reduce((sum, value) => sum + value, 0),
  };
}

/** t² of a sum of differences, (n − 1)·r ÷ (1 − r) with r = sum² ÷ (n · sum of squares); one block has none. */
function studentSquared({ n, scale }: Comparison, sum: number, slack = 0): number {
  if (scale === 0 || n < 2) return 0;
  const r = (sum * sum) / scale - slack;
  return r >= 1 ? Infinity : Math.max(0, ((n - 1) * r) / (1 - r));
}

function studentOf(one: Comparison): number {
  const constant = studentSquared(one, one.seen, -SLACK) === Infinity;
  const size = constant ? Infinity : Math.sqrt(studentSquared(one, one.seen));
  return size === 0 ? 0 : Math.sign(one.seen) * size;
}

/** Counts, for each comparison, the assignments in which it or one with a smaller t of its own lies as far out. */
class Tally {
  readonly far: number[];
  readonly #descending: readonly Comparison[];
  readonly #reach: readonly number[];
  readonly #sums: Float64Array;

  constructor(descending: readonly Comparison[]) {
    this.#descending = descending;
    this.far = descending.map(() => 0);
    this.#reach = descending.map((one) => studentSquared(one, one.seen, SLACK));
    this.#sums = Float64Array.from(descending, ({ seen }) => seen);
  }

  /** Sets every block to the sign that it is given. */
  assign(signs: Int8Array): void {
    this.#descending.forEach(({ differences }, at) => {
      let sum = 0;
      for (let block = 0; block < signs.length; block++)
        sum += (signs[block] as number) * (differences[block] as number);
      this.#sums[at] = sum;
    });
  }

  /** Turns one block, which had this sign. */
  turn(block: number, sign: number): void {
    for (let at = 0; at < this.#sums.length; at++) {
      const { differences } = this.#descending[at] as Comparison;
      this.#sums[at] = (this.#sums[at] as number) - 2 * sign * (differences[block] as number);
    }
  }

  count(): void {
    let greatest = 0;
    for (let at = this.#sums.length - 1; at >= 0; at--) {
      greatest = Math.max(greatest, studentSquared(this.#descending[at] as Comparison, this.#sums[at] as number));
      if (greatest >= (this.#reach[at] as number)) this.far[at] = (this.far[at] as number) + 1;
    }
  }
}

/** Every assignment once in the order of the Gray code, up to the sign of all blocks together, which no t² sees. */
function countAll(tally: Tally, blocks: number): void {
  const signs = new Int8Array(blocks).fill(1);
  tally.count();
  const half = 2 ** Math.max(0, blocks - 1);
  for (let step = 1; step < half; step++) {
    const block = 31 - Math.clz32(step & -step);
    const sign = signs[block] as number;
    tally.turn(block, sign);
    signs[block] = -sign;
    tally.count();
  }
}

function draw(tally: Tally, blocks: number, stream: RandomStream, resamples: number): void {
  const signs = new Int8Array(blocks);
  for (let round = 0; round < resamples; round++) {
    for (let block = 0; block < blocks; block++) signs[block] = stream.next() < 0.5 ? 1 : -1;
    tally.assign(signs);
    tally.count();
  }
}
