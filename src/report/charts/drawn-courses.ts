import type { Course, CourseKey } from '../../analysis/analysis.ts';

/** Points as [seconds, value]. */
export type Line = readonly (readonly [number, number])[];

/** What is drawn of a quantity in a cell. */
export interface DrawnCourses {
  /** A line for each trial; none where there are too many to tell apart. */
  readonly trials: readonly Line[];
  readonly median: Line;
  /** In place of the lines: the lowest and the highest of them. */
  readonly between?: readonly [low: Line, high: Line];
}

/** Most points drawn of a median: as many as can be told apart where it is enlarged. */
const MOST_POINTS = 160;
/** Most points drawn of a trial. */
const MOST_OF_TRIAL = 64;
/** So many trials have lines of their own. */
const MOST_TRIALS = 10;

/** Courses thinned to what can be seen: means over equal bins of time, and the median over the trials' lines. */
export function drawnCourses(courses: readonly Course[], key: CourseKey): DrawnCourses {
  const found = courses.filter(({ series }) => series[key] !== undefined);
  const times = found.flatMap(({ seconds }) => [seconds[0] ?? 0, seconds.at(-1) ?? 0]);
  if (times.length === 0) return { trials: [], median: [] };
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const longest = Math.max(...found.map(({ seconds }) => seconds.length));
  const over = (most: number) => {
    const bins = Math.max(2, Math.min(most, longest));
    const width = (last - first) / bins || 1;
    const line = (values: readonly (number | undefined)[]): Line =>
      values.flatMap((value, bin) =>
        value === undefined ? [] : [[Number((first + (bin + 0.5) * width).toFixed(3)), value] as const],
      );
    return { bins, line, binned: found.map((course) => inBins(course, key, { first, width, bins })) };
  };
  const fine = over(MOST_POINTS);
  // Readings from inside the target come once or twice a second, each trial's at its own times: the median is that of
  // the lines as they are drawn. Where most trials have no line, it would jump between those that have.
  const lines = fine.binned.map(joined);
  const acrossTrials = (reduce: (values: readonly number[]) => number): Line =>
    fine.line(
      Array.from({ length: fine.bins }, (_, bin) => {
        const values = lines.flatMap((own) => own[bin] ?? []);
        return values.length * 2 > found.length ? reduce(values) : undefined;
      }),
    );
  const median = acrossTrials(middle);
  if (found.length > MOST_TRIALS) {
    const between = [
      acrossTrials((values) => Math.min(...values)),
      acrossTrials((values) => Math.max(...values)),
    ] as const;
    return { trials: [], median, between };
  }
  const coarse = over(MOST_OF_TRIAL);
  return { trials: coarse.binned.map(coarse.line), median };
}

/** The means of a course over equal bins of time. */
function inBins(
  { seconds, series }: Course,
  key: CourseKey,
  { first, width, bins }: { readonly first: number; readonly width: number; readonly bins: number },
): readonly (number | undefined)[] {
  const sums = Array.from({ length: bins }, () => ({ sum: 0, n: 0 }));
  for (const [i, value] of (series[key] ?? []).entries()) {
    const bin = sums[Math.min(bins - 1, Math.floor(((seconds[i] ?? 0) - first) / width))];
    if (bin === undefined || value === null) continue;
    bin.sum += value;
    bin.n += 1;
  }
  return sums.map(({ sum, n }) => (n === 0 ? undefined : sum / n));
}

/** Bins between two that have a value get theirs from the straight line between those. */
function joined(values: readonly (number | undefined)[]): readonly (number | undefined)[] {
  const known = values.flatMap((value, bin) => (value === undefined ? [] : [[bin, value] as const]));
  return values.map((value, bin) => {
    const after = known.findIndex(([at]) => at > bin);
    const [from, to] = [known[after - 1], known[after]];
    if (value !== undefined || from === undefined || to === undefined) return value;
    return from[1] + ((to[1] - from[1]) * (bin - from[0])) / (to[0] - from[0]);
  });
}

function middle(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  return ((sorted[Math.ceil(half) - 1] ?? 0) + (sorted[Math.floor(half)] ?? 0)) / 2;
}

/**
 * Leaves out the points that lie within `tolerance` of the line without them (Douglas and Peucker, 1973), in chart
 * units: `perSecond` and `perValue` are the size of one second and of one unit of value on paper.
 */
export function simplified(line: Line, perSecond: number, perValue: number, tolerance: number): Line {
  const keep = new Set([0, line.length - 1]);
  const pending: [number, number][] = [[0, line.length - 1]];
  for (let range = pending.pop(); range !== undefined; range = pending.pop()) {
    const [from, to] = range;
    const [a, b] = [line[from], line[to]];
    if (a === undefined || b === undefined || to - from < 2) continue;
    const [dx, dy] = [(b[0] - a[0]) * perSecond, (b[1] - a[1]) * perValue];
    const length = Math.hypot(dx, dy) || 1;
    let [farthest, distance] = [from, tolerance];
    for (let i = from + 1; i < to; i++) {
      const [x, y] = line[i] ?? a;
      const off = Math.abs((x - a[0]) * perSecond * dy - (y - a[1]) * perValue * dx) / length;
      if (off > distance) [farthest, distance] = [i, off];
    }
    if (farthest === from) continue;
    keep.add(farthest);
    pending.push([from, farthest], [farthest, to]);
  }
  return line.filter((_, i) => keep.has(i));
}
