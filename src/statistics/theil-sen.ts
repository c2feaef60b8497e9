import { median } from './descriptive.ts';
/** Above this many points neighbours are merged first: the number of pairs grows with its square. */
const MOST_POINTS = 400;

/**
 * The Theil–Sen slope: the median of the slopes of all pairs of points (Sen 1968). One stray reading in three may
 * lie anywhere without moving it far. Undefined where fewer than two different x are given.
 */
export function theilSen(xs: readonly number[], ys: readonly number[]): number | undefined {
  if (xs.length !== ys.length) throw new RangeError(`${xs.length} x do not go with ${ys.length} y`);
  const slopes: number[] = [];
  for (let i = 0; i < xs.length; i++) {
    for (let j = i + 1; j < xs.length; j++) {
      const run = (xs[j] as number) - (xs[i] as number);
      if (run !== 0) slopes.push(((ys[j] as number) - (ys[i] as number)) / run);
    }
  }
  return slopes.length === 0 ? undefined : median(slopes);
}

/**
 * How far a level drifted over the time it was watched, relative to the level: Theil–Sen slope × time ÷ |median|.
 * 0.1 means that it rose by a tenth. 0 where there are fewer than three values or the median is zero.
 */
export function drift(seconds: readonly number[], values: readonly number[]): number {
  if (seconds.length !== values.length) throw new RangeError(`${seconds.length} times, ${values.length} values`);
  if (values.length < 3) return 0;
  const level = Math.abs(median(values));
  const points = merged(seconds, values);
  const slope = theilSen(points.xs, points.ys);
  if (level === 0 || slope === undefined) return 0;
  return (slope * ((seconds.at(-1) as number) - (seconds[0] as number))) / level;
}

/** Runs of neighbouring points replaced by their means, so that at most MOST_POINTS are left. */
function merged(xs: readonly number[], ys: readonly number[]): { xs: readonly number[]; ys: readonly number[] } {
  const size = Math.ceil(xs.length / MOST_POINTS);
  if (size === 1) return { xs, ys };
  const means = (all: readonly number[]): number[] =>
    Array.from({ length: Math.ceil(all.length / size) }, (_, i) => {
      const run = all.slice(i * size, (i + 1) * size);
      return run.reduce((sum, value) => sum + value, 0) / run.length;
    });
  return { xs: means(xs), ys: means(ys) };
}
