import type { Estimate } from '../../statistics/estimate.ts';
import type { Theme } from '../theme.ts';
import { byLevel, levelPaints } from './levels.ts';
import type { Chart, Position } from './spec.ts';
import { baseSpec, FONT } from './spec.ts';
import { span, tradeOffLabels, type Span } from './trade-off-labels.ts';
import type { TradeOff, TradeOffPoint } from './trade-off-points.ts';

/** Where the plot lies within the drawing, in chart units: what stands over it is placed by this. */
export interface TradeOffFrame {
  readonly width: number;
  readonly height: number;
  readonly padding: { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number };
}

/** For a page as wide as a desk has, and for a telephone. */
export const TRADE_OFF_FRAMES = {
  wide: { width: 600, height: 288, padding: { left: 58, right: 18, top: 8, bottom: 44 } },
  narrow: { width: 274, height: 260, padding: { left: 58, right: 16, top: 8, bottom: 44 } },
} as const satisfies Readonly<Record<string, TradeOffFrame>>;

/** How each workload's points are drawn, in their order; more workloads begin again. */
export const WORKLOAD_SHAPES = ['circle', 'square', 'triangle-up', 'diamond'] as const;

/** The axes of the chart, by the values and their intervals. */
export function tradeOffAxes(
  { points, repeats }: TradeOff,
  { width, height }: TradeOffFrame,
): { across: Span; up: Span } {
  const all = [...points, ...repeats];
  return {
    across: span(
      all.flatMap(({ x }) => ends(x)),
      [0, width],
    ),
    up: span(
      all.flatMap(({ y }) => ends(y)),
      [height, 0],
    ),
  };
}

/**
 * Memory saved against its price, each level of GOGC a point with both intervals, the baseline at the origin, and behind it
 * what two identical cells differ by.
 */
export function tradeOffChart(tradeOff: TradeOff, frame: TradeOffFrame, theme: Theme, id: string): Chart {
  const { baseline, points, repeats, scale, memoryName, costName } = tradeOff;
  const { width, height, padding } = frame;
  const { across, up } = tradeOffAxes(tradeOff, frame);
  const workloads = [...new Set(points.map(({ workload }) => workload))];
  const [ink, muted, paper] = [theme.token('ink'), theme.token('muted'), theme.token('paper')];
  const labels = tradeOffLabels(tradeOff, across, up);
  const x: Position = { field: 'x', type: 'quantitative' };
  const y: Position = { field: 'y', type: 'quantitative' };
  const rows = points.map((point) => ({
    ...cornersOf(point),
    paint: levelPaints(point.workload.cells, theme).get(point.cell.id) ?? ink,
    group: `${workloads.indexOf(point.workload)} ${point.cell.levels.gomemlimit}`,
    shape: WORKLOAD_SHAPES[workloads.indexOf(point.workload) % WORKLOAD_SHAPES.length],
    rank: point.workload.cells.toSorted(byLevel).indexOf(point.cell),
  }));
  const origins = workloads.flatMap((workload, i) =>
    workload.cells.flatMap((cell) =>
      cell.baseline && cell.role === 'level'
        ? [
            {
              x: 0,
              y: 0,
              group: `${i} ${cell.levels.gomemlimit}`,
              rank: workload.cells.toSorted(byLevel).indexOf(cell),
            },
          ]
        : [],
    ),
  );
  const noise = repeats.map(cornersOf).filter(({ xLow, yLow }) => xLow !== null && yLow !== null);
  const paint = { field: 'paint', type: 'nominal', scale: null } as const;
  return {
    id,
    title: `${memoryName} saved against change in ${costName}`,
    description: `Each level of GOGC by the change in ${costName} (across) and the ${memoryName} saved (up), against ${baseline}, with intervals. The numbers are in the table of settings.`,
    minWidth: 0,
    maxWidth: 10_000,
    spec: {
      ...baseSpec(theme),
      width,
      height,
      padding,
      autosize: { type: 'none', contains: 'content' },
      layer: [
        {
          data: { values: noise },
          mark: { type: 'rect', fill: theme.token('noise'), opacity: 1 },
          encoding: {
            x: { ...x, field: 'xLow' },
            x2: { field: 'xHigh' },
            y: { ...y, field: 'yLow' },
            y2: { field: 'yHigh' },
          },
        },
        {
          data: { values: [{ y: 0 }] },
          mark: { type: 'rule', stroke: theme.token('trial'), strokeWidth: 1 },
          encoding: { y },
        },
        {
          data: { values: [{ x: 0 }] },
          mark: { type: 'rule', stroke: theme.token('trial'), strokeWidth: 1 },
          encoding: { x },
        },
        {
          data: { values: [...rows, ...origins] },
          mark: { type: 'line', stroke: theme.token('trial'), strokeWidth: 1, strokeDash: [1, 3] },
          encoding: {
            x: {
              ...x,
              title: `change in ${costName}, %`,
              scale: { domain: [...across.domain], nice: false, zero: false },
              axis: { labelExpr: "(datum.value > 0 ? '+' : '') + datum.label", tickCount: width > 400 ? 9 : 5 },
            },
            y: {
              ...y,
              title: `${memoryName} saved, ${scale.suffix}`,
              scale: { domain: [...up.domain], nice: false, zero: false },
              axis: { labelExpr: "(datum.value > 0 ? '+' : '') + datum.label", tickCount: 6, minExtent: 34 },
            },
            order: { field: 'rank', type: 'quantitative' },
            detail: { field: 'group', type: 'nominal' },
          },
        },
        {
          data: { values: labels.filter(({ led }) => led) },
          mark: { type: 'rule', stroke: muted, strokeWidth: 0.5 },
          encoding: { x, y, x2: { field: 'atX' }, y2: { field: 'atY' } },
        },
        {
          data: { values: rows.filter(({ xLow }) => xLow !== null) },
          mark: { type: 'rule', strokeWidth: 1.75 },
          encoding: { x: { ...x, field: 'xLow' }, x2: { field: 'xHigh' }, y, stroke: paint },
        },
        {
          data: { values: rows.filter(({ yLow }) => yLow !== null) },
          mark: { type: 'rule', strokeWidth: 1.75 },
          encoding: { x, y: { ...y, field: 'yLow' }, y2: { field: 'yHigh' }, stroke: paint },
        },
        {
          data: { values: rows },
          mark: { type: 'point', filled: true, size: 46, opacity: 1 },
          encoding: { x, y, fill: paint, shape: { field: 'shape', type: 'nominal', scale: null } },
        },
        {
          data: { values: [{ x: 0, y: 0 }] },
          mark: { type: 'point', filled: false, size: 46, stroke: ink, strokeWidth: 1.75, fill: paper, opacity: 1 },
          encoding: { x, y },
        },
        {
          data: { values: labels },
          mark: {
            type: 'text',
            baseline: 'middle',
            fontSize: FONT.label,
            stroke: paper,
            strokeWidth: 3,
            strokeJoin: 'round',
          },
          encoding: { x, y, text: { field: 'text' } },
        },
        {
          data: { values: labels },
          mark: { type: 'text', baseline: 'middle', fontSize: FONT.label, fill: ink },
          encoding: { x, y, text: { field: 'text' } },
        },
      ],
    },
  };
}

function cornersOf({
  x,
  y,
}: TradeOffPoint): Readonly<Record<'x' | 'y', number>> &
  Readonly<Record<'xLow' | 'xHigh' | 'yLow' | 'yHigh', number | null>> {
  return { x: x.value, y: y.value, xLow: x.low, xHigh: x.high, yLow: y.low, yHigh: y.high };
}

function ends({ value, low, high }: Estimate): readonly number[] {
  return [value, low ?? value, high ?? value];
}
