import type { WorkloadAnalysis } from '../../analysis/analysis.ts';
import { commonScale } from '../../units/format-units.ts';
import type { Theme } from '../theme.ts';
import { levelPaints } from './levels.ts';
import { spread } from './place-labels.ts';
import type { Chart, Position } from './spec.ts';
import { baseSpec, FONT } from './spec.ts';

const WIDTH = 280;
const HEIGHT = 240;
/** Intervals of neighbouring cells stand this many chart units apart, those of all cells together at most so many. */
const DODGE = { each: 2.5, all: 14 } as const;

/**
 * Latency of each cell from the median to the tail: quantiles on an axis on which each further nine is one step. The
 * median over trials at each quantile with its interval. Undefined where no latency was measured.
 */
export function latencyChart(workload: WorkloadAnalysis, theme: Theme, id: string): Chart | undefined {
  const cells = workload.cells.filter(({ latency }) => latency.some(({ seconds }) => seconds.value > 0));
  const quantiles = [...new Set(cells.flatMap(({ latency }) => latency.map(({ quantile }) => quantile)))].sort(
    (a, b) => a - b,
  );
  const estimates = cells.flatMap(({ latency }) => latency.map(({ seconds }) => seconds));
  if (estimates.length === 0) return undefined;
  const positive = estimates
    .flatMap(({ value, low, high }) => [value, low ?? value, high ?? value])
    .filter((v) => v > 0);
  const scale = commonScale(
    estimates.map(({ value }) => value),
    'seconds',
  );
  const ys = [(Math.min(...positive) / scale.divisor) * 0.85, (Math.max(...positive) / scale.divisor) * 1.15] as const;
  const xs = [nines(quantiles[0] ?? 0.5) - 0.1, nines(quantiles.at(-1) ?? 0.999) + 0.1] as const;
  const perUnit = (xs[1] - xs[0]) / WIDTH;
  const dodge = Math.min(DODGE.each, DODGE.all / cells.length) * perUnit;
  const paints = levelPaints(workload.cells, theme);
  const points = cells.flatMap((cell, i) =>
    cell.latency.flatMap(({ quantile, seconds }) =>
      seconds.value <= 0
        ? []
        : [
            {
              c: i,
              x: nines(quantile) + (i - (cells.length - 1) / 2) * dodge,
              y: seconds.value / scale.divisor,
              low: seconds.low === null ? null : Math.max(seconds.low / scale.divisor, ys[0]),
              high: seconds.high === null ? null : seconds.high / scale.divisor,
              paint: paints.get(cell.id) ?? theme.token('ink'),
              aa: cell.role === 'a-a',
            },
          ],
    ),
  );
  const toUnits = (value: number): number => HEIGHT - (Math.log(value / ys[0]) / Math.log(ys[1] / ys[0])) * HEIGHT;
  const toValue = (units: number): number => ys[0] * Math.exp(((HEIGHT - units) / HEIGHT) * Math.log(ys[1] / ys[0]));
  const lasts = cells.map((_, i) => points.findLast(({ c }) => c === i));
  const places = spread(
    lasts.map((last) => (last === undefined ? 0 : toUnits(last.y))),
    FONT.label + 2,
    0,
    HEIGHT,
  );
  const labels = cells.map(({ label }, i) => ({
    y: toValue(places[i] ?? 0),
    at: lasts[i]?.y,
    from: lasts[i]?.x,
    text: label,
    paint: lasts[i]?.paint,
  }));
  const x: Position = {
    field: 'x',
    type: 'quantitative',
    title: 'quantile: this share of the requests took no longer',
    scale: { domain: [...xs], nice: false, zero: false },
    axis: {
      values: quantiles.filter((q) => LABELLED.has(q)).map(nines),
      grid: true,
      labelExpr: "format(100 * (1 - pow(10, -datum.value)), '.3~f') + ' %'",
      labelOverlap: false,
    },
  };
  const y: Position = {
    field: 'y',
    type: 'quantitative',
    title: null,
    scale: { type: 'log', domain: [...ys], nice: false },
    axis: { values: logTicks(ys[0], ys[1]), labelExpr: "format(datum.value, '~g')", grid: true, labelOverlap: true },
  };
  const stroke = { field: 'paint', type: 'nominal', scale: null } as const;
  const end = xs[1] + 16 * perUnit;
  return {
    id,
    title: 'Latency distribution',
    description: `Latency at each quantile from the median to the tail, a line for each of ${cells.map(({ label }) => label).join(', ')}. The numbers are in the table below it.`,
    minWidth: 350,
    maxWidth: 530,
    spec: {
      ...baseSpec(theme),
      width: WIDTH,
      height: HEIGHT,
      title: { text: `latency, ${scale.suffix}` },
      layer: [
        {
          data: { values: points },
          mark: { type: 'line', strokeWidth: 1.75 },
          encoding: {
            x,
            y,
            stroke,
            detail: { field: 'c', type: 'nominal' },
            strokeDash: { condition: { test: 'datum.aa', value: [4, 3] }, value: [1, 0] },
          },
        },
        {
          data: { values: points.filter(({ low }) => low !== null) },
          mark: { type: 'rule', strokeWidth: 1.5, opacity: 0.75 },
          encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' }, stroke },
        },
        {
          data: { values: points },
          mark: { type: 'circle', size: 18, opacity: 1 },
          encoding: { x, y, fill: stroke },
        },
        {
          data: { values: labels.map((label) => ({ ...label, x: end - 4 * perUnit })) },
          mark: { type: 'rule', strokeWidth: 0.75, opacity: 0.7, clip: false },
          encoding: {
            x: { ...x, field: 'from' },
            x2: { field: 'x' },
            y: { ...y, field: 'at' },
            y2: { field: 'y' },
            stroke,
          },
        },
        {
          data: { values: labels.map((label) => ({ ...label, x: end })) },
          mark: { type: 'text', align: 'left', baseline: 'middle', fontSize: FONT.label, clip: false },
          encoding: { x, y, text: { field: 'text' } },
        },
      ],
    },
  };
}

const LABELLED: ReadonlySet<number> = new Set([0.5, 0.9, 0.99, 0.999, 0.9999]);

/** How many nines a quantile has: 0.9 → 1, 0.99 → 2. */
function nines(quantile: number): number {
  return -Math.log10(1 - quantile);
}

/** 1, 2, 5, 10, … within a range; finer where that gives too few. */
function logTicks(low: number, high: number): number[] {
  for (const steps of [[1, 2, 5], [1, 1.5, 2, 3, 4, 5, 6, 8], Array.from({ length: 90 }, (_, i) => 1 + i / 10)]) {
    const ticks: number[] = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
      for (const step of steps) ticks.push(Number((step * 10 ** power).toPrecision(3)));
    }
    const inside = ticks.filter((tick) => tick >= low && tick <= high);
    if (inside.length >= 3) return inside;
  }
  return [low, high];
}
