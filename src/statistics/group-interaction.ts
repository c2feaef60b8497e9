import { assertSample } from './least-n.ts';
import type { RandomStream } from './random.ts';

/** Up to so many ways to deal the blocks out to the groups all are counted out. */
const MOST_ARRANGEMENTS = 20_000;
/** Sums of squares that are equal but for rounding. */
const SLACK = 1e-9;

/** Whether what cells differ by within a block depends on the group that the block belongs to. */
export interface GroupInteractionTest {
  /** F of group × cell, as the analysis of variance with blocks nested in groups has it; null where blocks of a group do not differ at all. */
  readonly statistic: number | null;
  readonly p: number | null;
  /** The least p that so many blocks can give; above the level that is asked for, nothing can be shown. */
  readonly leastP: number;
  readonly method: 'exact permutation' | 'Monte Carlo permutation';
  /** Blocks, and groups of them. */
  readonly n: number;
  readonly groups: number;
}

/**
 * The permutation test of "a block's profile over the cells does not depend on its group" (Anderson, Austral Ecology 26,
 * 2001, of rows that are centred first): what a block adds to all its cells is taken off, and p is the share of all ways to
 * deal the blocks out to groups of these sizes whose profiles lie as far apart as those seen. Its F is that of group × cell in
 * the within-block stratum of a split plot (Cochran and Cox 1957, ch. 7). Counted out up to 20,000 ways; beyond, `resamples`
 * seeded draws with (b + 1) ÷ (m + 1). Undefined where there are not two groups, or none with two blocks.
 */
export function groupInteractionTest(
  blocks: readonly (readonly number[])[],
  groups: readonly number[],
  stream: RandomStream,
  resamples = 9_999,
): GroupInteractionTest | undefined {
  const cells = blocks[0]?.length ?? 0;
  if (cells < 2) throw new RangeError('an interaction needs at least one block of at least two cells');
  if (groups.length !== blocks.length) throw new RangeError(`${blocks.length} blocks have ${groups.length} groups`);
  const profiles = blocks.map((block) => {
    if (block.length !== cells) throw new RangeError(`a block has ${block.length} cells, the first ${cells}`);
    assertSample(block);
    const mean = block.reduce((sum, value) => sum + value, 0) / cells;
    return block.map((value) => value - mean);
  });
  const labels = [...new Set(groups)];
  const own = groups.map((group) => labels.indexOf(group));
  const sizes = labels.map((_, label) => own.filter((one) => one === label).length);
  const [n, g] = [blocks.length, labels.length];
  if (g < 2 || n === g) return undefined;
  const centred = centredColumns(profiles);
  const total = centred.flat().reduce((sum, value) => sum + value ** 2, 0);
  const seen = between(centred, own, sizes);
  const ways = multinomial(sizes);
  const exact = ways <= MOST_ARRANGEMENTS;
  const method = exact ? 'exact permutation' : 'Monte Carlo permutation';
  // Groups of one size can change names without a change of what is seen.
  const alike = [...Map.groupBy(sizes, (size) => size).values()].reduce(
    (all, { length }) => all * factorial(length),
    1,
  );
  const leastP = exact ? alike / ways : Math.max(alike / ways, 1 / (resamples + 1));
  const within = total - seen;
  if (!(total > 0)) return { statistic: null, p: null, leastP, method, n, groups: g };
  const statistic = within <= SLACK * total ? null : seen / (g - 1) / (within / (n - g));
  const far = (labelled: readonly number[]): boolean => between(centred, labelled, sizes) >= seen - SLACK * total;
  let p: number;
  if (exact) p = countedShare(sizes, far);
  else {
    let hits = 0;
    for (let draw = 0; draw < resamples; draw++) if (far(stream.shuffle(own))) hits++;
    p = (hits + 1) / (resamples + 1);
  }
  return { statistic, p, leastP, method, n, groups: g };
}

function centredColumns(rows: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const means = (rows[0] ?? []).map(
    (_, cell) => rows.reduce((sum, row) => sum + (row[cell] as number), 0) / rows.length,
  );
  return rows.map((row) => row.map((value, cell) => value - (means[cell] as number)));
}

/** Squares of the groups' mean profiles about that of all, which is zero, each as often as it has blocks. */
function between(rows: readonly (readonly number[])[], labels: readonly number[], sizes: readonly number[]): number {
  const cells = rows[0]?.length ?? 0;
  const sums = new Float64Array(sizes.length * cells);
  rows.forEach((row, block) => {
    const from = (labels[block] as number) * cells;
    for (let cell = 0; cell < cells; cell++) sums[from + cell] = (sums[from + cell] as number) + (row[cell] as number);
  });
  return sizes.reduce((all, size, label) => {
    let squares = 0;
    for (let cell = 0; cell < cells; cell++) squares += (sums[label * cells + cell] as number) ** 2;
    return all + squares / size;
  }, 0);
}

function countedShare(sizes: readonly number[], far: (labels: readonly number[]) => boolean): number {
  const left = [...sizes];
  const labels: number[] = [];
  const n = sizes.reduce((sum, size) => sum + size, 0);
  let [hits, all] = [0, 0];
  const deal = (): void => {
    if (labels.length === n) {
      all++;
      if (far(labels)) hits++;
      return;
    }
    for (let label = 0; label < left.length; label++) {
      if (left[label] === 0) continue;
      left[label] = (left[label] as number) - 1;
      labels.push(label);
      deal();
      labels.pop();
      left[label] = (left[label] as number) + 1;
    }
  };
  deal();
  return hits / all;
}

/** How many ways there are to deal things out to groups of these sizes. */
function multinomial(sizes: readonly number[]): number {
  let [ways, dealt] = [1, 0];
  for (const size of sizes) for (let k = 1; k <= size; k++) ways = (ways * ++dealt) / k;
  return Math.round(ways);
}

function factorial(k: number): number {
  return k < 2 ? 1 : k * factorial(k - 1);
}
