import { PLOT } from '../report/charts/over-time-plot.ts';

/** Points as [seconds, value in the unit shown]. */
export type Line = readonly (readonly [number, number])[];

/** A cell's lines of one quantity, read from its panel. */
interface Course {
  readonly cell: string;
  readonly paint: string;
  readonly baseline: boolean;
  readonly median: Line;
  readonly others: readonly Line[];
  /** Whether `others` are the lowest and the highest of the trials. */
  readonly area: boolean;
}

/** A quantity: its courses, and the time that they cover. */
export interface Quantity {
  readonly name: string;
  readonly unit: string;
  readonly from: number;
  readonly to: number;
  readonly courses: readonly Course[];
}

/** Reads the courses of a row of panels out of their paths. */
export function readQuantity(grid: HTMLElement): Quantity {
  const [from = 0, to = 1, most = 1] = (grid.dataset['extent'] ?? '').split(' ').map(Number);
  const scaled = (points: Line): Line =>
    points.map(([x, y]) => [from + (x / PLOT.width) * (to - from), (1 - y / PLOT.height) * most]);
  const lines = (panel: HTMLElement, path: string): readonly Line[] =>
    pointsOf(panel.querySelector(`.${path}`)?.getAttribute('d') ?? '').map(scaled);
  return {
    name: grid.dataset['name'] ?? '',
    unit: grid.dataset['unit'] ?? '',
    from,
    to,
    courses: [...grid.querySelectorAll<HTMLElement>('.course')].map((panel) => {
      const [high = [], low = []] = lines(panel, 'between');
      const area = high.length > 0;
      return {
        cell: panel.dataset['cell'] ?? '',
        paint: panel.style.getPropertyValue('--paint'),
        baseline: panel.dataset['baseline'] !== undefined,
        median: lines(panel, 'median')[0] ?? [],
        others: area ? [low.toReversed(), high] : lines(panel, 'trials'),
        area,
      };
    }),
  };
}

/** The lines of a path of a panel: each begins at a place and goes on by steps. */
function pointsOf(path: string): readonly Line[] {
  return path.split(/(?=[ML])/).map((line) => {
    const numbers = (line.match(/-?\d+/g) ?? []).map(Number);
    let [x, y] = [0, 0];
    return Array.from({ length: Math.floor(numbers.length / 2) }, (_, i) => {
      [x, y] = [x + (numbers[2 * i] ?? 0), y + (numbers[2 * i + 1] ?? 0)];
      return [x, y] as const;
    });
  });
}

/** The value of a line at a moment, between its points; undefined before the first and behind the last of them. */
export function valueAt(line: Line, at: number): number | undefined {
  const after = line.findIndex(([time]) => time >= at);
  const [from, to] = [line[after - 1] ?? line[after], line[after]];
  if (from === undefined || to === undefined) {
    const last = line.at(-1);
    // The last bin ends after its middle.
    return last !== undefined && at - last[0] <= 2 * (last[0] - (line.at(-2)?.[0] ?? last[0])) ? last[1] : undefined;
  }
  return to[0] === from[0] ? to[1] : from[1] + ((to[1] - from[1]) * (at - from[0])) / (to[0] - from[0]);
}
