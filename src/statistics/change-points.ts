import { assertSample } from './least-n.ts';
import type { RandomStream } from './random.ts';

/** A place where a series changes its distribution. */
export interface ChangePoint {
  /** Index of the first value after the change. */
  readonly index: number;
  /** The energy statistic Q̂ of the two sides, in the unit of the values. */
  readonly statistic: number;
  /** p of the permutation test that let it in: (1 + permuted series with at least this Q̂) ÷ (1 + permutations). */
  readonly p: number;
}

/** What a search for change points needs beyond the series. */
export interface ChangePointOptions {
  /** The chance to find a change in a series that has none, at most; as a fraction. */
  readonly level: number;
  readonly stream: RandomStream;
  /** Values on either side of a change, at least. */
  readonly least?: number;
  /** Permuted series for each test. */
  readonly permutations?: number;
}

/** The best division of a segment: the values up to `index` differ most from those after it. */
interface Split {
  readonly index: number;
  readonly statistic: number;
}

/** Values from `start` to before `end`. */
interface Segment {
  readonly start: number;
  readonly end: number;
}

/**
 * The change points of a series in the order of time by E-divisive (Matteson and James, JASA 109, 2014, with α = 1): the
 * series is divided where the energy distance of the two sides is greatest, then its parts are, as long as a permutation
 * test within the parts found so far rejects "there is no further change" at the level. It asks for no distribution but for
 * values that are independent and of one distribution between changes. The first test alone decides whether a series
 * without any change alarms, so that it does so in at most `level` of the cases, however many tests would follow.
 */
export function changePoints(values: readonly number[], options: ChangePointOptions): readonly ChangePoint[] {
  const { level, stream, least = 3, permutations = 199 } = options;
  if (!(level > 0 && level < 1)) throw new RangeError(`a level is between 0 and 1, not ${level}`);
  if (!(Number.isInteger(least) && least >= 2)) throw new RangeError(`a part has at least 2 values, not ${least}`);
  if (!(Number.isInteger(permutations) && 1 / (1 + permutations) <= level)) {
    throw new RangeError(`${permutations} permutations cannot reach the level ${level}`);
  }
  assertSample(values);
  const found: ChangePoint[] = [];
  // Sums of distances, of each series anew: a large array each time would be most of the work.
  const scratch = new Float64Array((values.length + 1) ** 2);
  let segments: readonly Segment[] = [{ start: 0, end: values.length }];
  for (;;) {
    const best = bestOf(segments, values, least, scratch);
    if (best === undefined) break;
    const p = permutationP(best.statistic, segments, values, { level, least, permutations, stream, scratch });
    if (p > level) break;
    found.push({ ...best, p });
    segments = segments.flatMap((segment) =>
      segment.start < best.index && best.index < segment.end
        ? [
            { start: segment.start, end: best.index },
            { start: best.index, end: segment.end },
          ]
        : [segment],
    );
  }
  return found.toSorted((a, b) => a.index - b.index);
}

/**
 * How often a series whose values change places within the segments has as great a statistic; the series itself counts as
 * one. Once that is more than the level allows, no further series is drawn: most series have no change, and end here.
 */
function permutationP(
  statistic: number,
  segments: readonly Segment[],
  values: readonly number[],
  {
    level,
    least,
    permutations,
    stream,
    scratch,
  }: { level: number; least: number; permutations: number; stream: RandomStream; scratch: Float64Array },
): number {
  // The sums of a permuted series are added in another order: equal statistics must count as equal.
  const reached = statistic * (1 - 1e-9);
  let asGreat = 1;
  for (let round = 0; round < permutations && asGreat <= level * (1 + permutations); round++) {
    const permuted = segments.flatMap(({ start, end }) => stream.shuffle(values.slice(start, end)));
    if ((bestOf(segments, permuted, least, scratch)?.statistic ?? 0) >= reached) asGreat++;
  }
  return asGreat / (1 + permutations);
}

/** The best split of all segments; undefined where none is long enough to be divided. */
function bestOf(
  segments: readonly Segment[],
  values: readonly number[],
  least: number,
  scratch: Float64Array,
): Split | undefined {
  let best: Split | undefined;
  for (const { start, end } of segments) {
    const split = bestSplit(values.slice(start, end), least, scratch);
    if (split === undefined || (best !== undefined && best.statistic >= split.statistic)) continue;
    best = { index: start + split.index, statistic: split.statistic };
  }
  return best;
}

/**
 * The split of a series with the greatest Q̂ = mn/(m+n) · (2·mean |x−y| − mean |x−x′| − mean |y−y′|), where x are the m
 * values before it and y the n values that follow, up to an end that is chosen as well (κ of the paper): a second
 * change later on then does not hide the first. Every block of distances comes from their sums over rectangles, so that a
 * series of T values takes T² steps. Undefined for series that are too short.
 */
export function bestSplit(
  values: readonly number[],
  least: number,
  scratch: Float64Array = new Float64Array((values.length + 1) ** 2),
): Split | undefined {
  const size = values.length;
  const width = size + 1;
  const sums = distanceSums(values, scratch);
  const at = (row: number, column: number): number => sums[row * width + column] as number;
  let best: Split | undefined;
  for (let index = least; index <= size - least; index++) {
    const before = at(index, index) / (index * (index - 1));
    for (let end = index + least; end <= size; end++) {
      const after = end - index;
      const between = at(index, end) - at(index, index);
      const within = at(end, end) - 2 * at(index, end) + at(index, index);
      const distance = (2 * between) / (index * after) - before - within / (after * (after - 1));
      const statistic = (index * after * distance) / end;
      if (best === undefined || statistic > best.statistic) best = { index, statistic };
    }
  }
  return best;
}

/** Row by row, the sum of |xᵢ − xⱼ| over i before the row and j before the column; written into `sums`. */
function distanceSums(values: readonly number[], sums: Float64Array): Float64Array {
  const width = values.length + 1;
  sums.fill(0, 0, width);
  for (let i = 0; i < values.length; i++) {
    let row = 0;
    sums[(i + 1) * width] = 0;
    for (let j = 0; j < values.length; j++) {
      row += Math.abs((values[i] as number) - (values[j] as number));
      sums[(i + 1) * width + j + 1] = (sums[i * width + j + 1] as number) + row;
    }
  }
  return sums;
}
