import type { CellAnalysis } from '../../analysis/analysis.ts';
import type { CellId } from '../../experiment/plan/plan.ts';
import type { Theme } from '../theme.ts';

/** The colour of each cell: ordered by GOGC, then GOMEMLIMIT; the A/A cell has its baseline's. */
export function levelPaints(cells: readonly CellAnalysis[], theme: Theme): ReadonlyMap<CellId, string> {
  const key = ({ levels }: CellAnalysis): string => `${levels.gogc} ${levels.gomemlimit}`;
  const ordered = [...new Set(cells.toSorted(byLevel).map(key))];
  return new Map(cells.map((cell) => [cell.id, theme.level(ordered.indexOf(key(cell)), ordered.length)]));
}

/** Order of cells by their levels, `off` last. */
export function byLevel(a: CellAnalysis, b: CellAnalysis): number {
  const number = (level: number | 'off'): number => (level === 'off' ? Infinity : level);
  // Infinity - Infinity is NaN, which is no order.
  const order = (x: number, y: number): number => (x === y ? 0 : x < y ? -1 : 1);
  return (
    order(number(a.levels.gogc), number(b.levels.gogc)) ||
    order(number(a.levels.gomemlimit), number(b.levels.gomemlimit))
  );
}

/** A logarithmic axis of GOGC on which `off` is a place of its own behind the largest level. */
export interface GogcAxis {
  readonly domain: readonly [number, number];
  /** Where the ticks are; the last is `off` where there is such a level. */
  readonly ticks: readonly number[];
  readonly off: number | undefined;
  /** Chart units between the two levels that are closest together. */
  readonly closest: number;
  /** Where a level stands. */
  at(gogc: number | 'off'): number;
  /** A place so many chart units to the right of another. */
  shifted(at: number, units: number): number;
}

/** Lays the axis out over `width` chart units. */
export function gogcAxis(cells: readonly CellAnalysis[], width: number): GogcAxis {
  const numbers = [
    ...new Set(cells.flatMap(({ levels }) => (levels.gogc === 'off' ? [] : [Math.max(1, levels.gogc)]))),
  ];
  numbers.sort((a, b) => a - b);
  const [least, most] = [numbers[0] ?? 100, numbers.at(-1) ?? 100];
  // Room for a category that is one step off the end, and a margin for dots and labels.
  const step = Math.max(2, (most / least) ** (1 / Math.max(1, numbers.length - 1)));
  const hasOff = cells.some(({ levels }) => levels.gogc === 'off');
  const off = hasOff ? most * step ** 1.2 : undefined;
  const margin = Math.max(1.25, ((off ?? most) / least) ** 0.07);
  const domain = [least / margin, (off ?? most) * margin] as const;
  const span = Math.log(domain[1] / domain[0]);
  const steps = numbers.slice(1).map((level, i) => Math.log(level / (numbers[i] ?? level)));
  return {
    domain,
    ticks: off === undefined ? numbers : [...numbers, off],
    off,
    closest: (Math.min(span, ...steps) / span) * width,
    at: (gogc) => (gogc === 'off' ? (off ?? most) : Math.max(1, gogc)),
    shifted: (at, units) => at * Math.exp((units / width) * span),
  };
}
