import type { CellAnalysis, WorkloadAnalysis } from '../../analysis/analysis.ts';
import { METRICS } from '../../experiment/metrics.ts';
import type { Estimate } from '../../statistics/estimate.ts';
import { comparisonOf, contrastOf, noiseFloor } from '../comparison.ts';
import { columnScale } from '../column-scale.ts';
import { mapped } from '../figure.ts';
import { textWidth } from '../text-metrics.ts';
import type { Theme } from '../theme.ts';
import { byLevel, levelPaints } from './levels.ts';
import type { Box } from './place-labels.ts';
import { around, placeLabels } from './place-labels.ts';
import type { Chart, Layer, Position } from './spec.ts';
import { baseSpec, FONT } from './spec.ts';

const WIDTH = 330;
const HEIGHT = 255;

/** With more levels than this, labels are without `GOGC=`. */
const MOST_LONG = 7;

interface Point {
  readonly cell: CellAnalysis;
  /** Change of the price in per cent, and memory saved in shown units. */
  readonly x: Estimate;
  readonly y: Estimate;
}

/**
 * Memory saved against its price, each level of GOGC a point with both intervals, the baseline at the origin, and
 * what the same setting run twice shows as a box around it. Undefined where nothing can be compared.
 */
export function tradeOffChart(workload: WorkloadAnalysis, theme: Theme, id: string): Chart | undefined {
  const { baseline, memory, cost } = comparisonOf(workload);
  if (baseline === undefined || memory === undefined || cost === undefined) return undefined;
  const compared = workload.cells.flatMap((cell) => {
    const [saved, price] = [contrastOf(workload, cell, memory), contrastOf(workload, cell, cost)];
    return saved === undefined || price?.ratio === undefined ? [] : [{ cell, saved, ratio: price.ratio }];
  });
  const levels = compared.filter(({ cell }) => cell.role === 'level');
  if (levels.length === 0) return undefined;
  const scale = columnScale(
    compared.map(({ saved }) => saved.difference),
    'bytes',
  );
  const points: Point[] = levels.map(({ cell, saved, ratio }) => ({
    cell,
    x: mapped(ratio, (value) => (value - 1) * 100),
    y: mapped(saved.difference, (value) => -value / scale.divisor),
  }));
  const priceFloor = noiseFloor(workload, cost, ({ ratio }) => ratio && mapped(ratio, (value) => (value - 1) * 100));
  const memoryFloor = noiseFloor(workload, memory, ({ difference }) => difference);
  const floor =
    priceFloor === undefined || memoryFloor === undefined
      ? undefined
      : { x: priceFloor, y: memoryFloor / scale.divisor };
  const xs = domainOf(
    points.flatMap(({ x }) => ends(x)),
    floor?.x,
  );
  const ys = domainOf(
    points.flatMap(({ y }) => ends(y)),
    floor?.y,
  );
  const px = (value: number): number => ((value - xs[0]) / (xs[1] - xs[0])) * WIDTH;
  const py = (value: number): number => HEIGHT - ((value - ys[0]) / (ys[1] - ys[0])) * HEIGHT;
  const paints = levelPaints(workload.cells, theme);
  const ranks = workload.cells.toSorted(byLevel);
  const rankOf = (cell: CellAnalysis): number => ranks.indexOf(cell);
  const memoryName = METRICS[memory].label;
  const costName = cost === 'cpu.per_request' && workload.unit === 'run' ? 'CPU per run' : METRICS[cost].label;
  const labels = labelled(points, baseline, floor, px, py);
  const [ink, muted, paper] = [theme.token('ink'), theme.token('muted'), theme.token('paper')];
  const x: Position = { field: 'x', type: 'quantitative' };
  const y: Position = { field: 'y', type: 'quantitative' };
  const rows = points.map((point) => ({
    x: point.x.value,
    y: point.y.value,
    xLow: point.x.low,
    xHigh: point.x.high,
    yLow: point.y.low,
    yHigh: point.y.high,
    paint: paints.get(point.cell.id) ?? ink,
    limit: String(point.cell.levels.gomemlimit),
    rank: rankOf(point.cell),
  }));
  const steps = [...rows, { limit: String(baseline.levels.gomemlimit), rank: rankOf(baseline), x: 0, y: 0 }];
  const paint = { field: 'paint', type: 'nominal', scale: null } as const;
  return {
    id,
    title: `${memoryName} saved against change in ${costName}`,
    description: `Each level of GOGC by the change in ${costName} (across) and the ${memoryName} saved (up), against ${baseline.label}, with intervals. The numbers are in the table below it.`,
    minWidth: 340,
    maxWidth: 520,
    spec: {
      ...baseSpec(theme),
      width: WIDTH,
      height: HEIGHT,
      layer: [
        ...(floor === undefined
          ? []
          : [
              {
                data: { values: [{ x: -floor.x, x2: floor.x, y: -floor.y, y2: floor.y }] },
                mark: {
                  type: 'rect',
                  fill: theme.token('noise'),
                  stroke: theme.token('trial'),
                  strokeDash: [2, 2],
                  strokeWidth: 0.75,
                },
                encoding: { x, x2: { field: 'x2' }, y, y2: { field: 'y2' } },
              } satisfies Layer,
            ]),
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
          data: { values: steps },
          mark: { type: 'line', stroke: theme.token('trial'), strokeWidth: 1, strokeDash: [1, 3] },
          encoding: {
            x: {
              ...x,
              title: `change in ${costName}, %`,
              scale: { domain: [...xs], nice: false, zero: false },
              axis: { labelExpr: "(datum.value > 0 ? '+' : '') + datum.label", tickCount: 7 },
            },
            y: {
              ...y,
              title: `${memoryName} saved, ${scale.suffix}`,
              scale: { domain: [...ys], nice: false, zero: false },
              axis: { labelExpr: "(datum.value > 0 ? '+' : '') + datum.label", tickCount: 6, minExtent: 34 },
            },
            order: { field: 'rank', type: 'quantitative' },
            detail: { field: 'limit', type: 'nominal' },
          },
        },
        {
          data: {
            values: labels
              .filter(({ led }) => led)
              .map((l) => ({ ...l, x: unpx(l.px, xs, WIDTH), y: unpx(HEIGHT - l.py, ys, HEIGHT) })),
          },
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
          mark: { type: 'point', filled: true, size: 26, opacity: 1 },
          encoding: { x, y, fill: paint },
        },
        {
          data: { values: [{ x: 0, y: 0 }] },
          mark: { type: 'point', filled: false, size: 40, stroke: ink, strokeWidth: 1.75, fill: paper, opacity: 1 },
          encoding: { x, y },
        },
        {
          data: {
            values: labels.map((l) => ({
              x: unpx(l.px, xs, WIDTH),
              y: unpx(HEIGHT - l.py, ys, HEIGHT),
              text: l.text,
              fill: l.note ? muted : ink,
            })),
          },
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
          data: {
            values: labels.map((l) => ({
              x: unpx(l.px, xs, WIDTH),
              y: unpx(HEIGHT - l.py, ys, HEIGHT),
              text: l.text,
              fill: l.note ? muted : ink,
            })),
          },
          mark: { type: 'text', baseline: 'middle', fontSize: FONT.label },
          encoding: { x, y, text: { field: 'text' }, fill: { field: 'fill', type: 'nominal', scale: null } },
        },
      ],
    },
  };

  function labelled(
    all: readonly Point[],
    origin: CellAnalysis,
    box: { x: number; y: number } | undefined,
    toX: (value: number) => number,
    toY: (value: number) => number,
  ): { text: string; px: number; py: number; led: boolean; note: boolean; atX: number; atY: number }[] {
    const wanted = [
      { text: `${origin.label} (baseline)`, x: 0, y: 0, note: false },
      ...all.map((point) => ({
        text: all.length > MOST_LONG ? point.cell.label.replace(/^GOGC=/, '') : point.cell.label,
        x: point.x.value,
        y: point.y.value,
        note: false,
      })),
      ...(box === undefined ? [] : [{ text: 'A/A noise', x: box.x, y: -box.y, note: true }]),
    ];
    const bars = all.flatMap(({ x: a, y: b }): Box[] => [
      ...(a.low === null || a.high === null
        ? []
        : [{ left: toX(a.low), right: toX(a.high), top: toY(b.value) - 2, bottom: toY(b.value) + 2 }]),
      ...(b.low === null || b.high === null
        ? []
        : [{ left: toX(a.value) - 2, right: toX(a.value) + 2, top: toY(b.high), bottom: toY(b.low) }]),
    ]);
    const dots = wanted.filter(({ note }) => !note).map((one) => around(toX(one.x), toY(one.y), 12, 12));
    const places = placeLabels(
      wanted.map((one) => ({
        x: toX(one.x),
        y: toY(one.y),
        width: textWidth(one.text, FONT.label),
        height: FONT.label + 2,
      })),
      [
        ...bars,
        ...dots,
        { left: toX(0) - 1, right: toX(0) + 1, top: 0, bottom: HEIGHT },
        { left: 0, right: WIDTH, top: toY(0) - 1, bottom: toY(0) + 1 },
      ],
      { left: 0, top: 0, right: WIDTH, bottom: HEIGHT },
    );
    return wanted.map((one, i) => ({
      text: one.text,
      px: places[i]?.x ?? 0,
      py: places[i]?.y ?? 0,
      led: places[i]?.led ?? false,
      note: one.note,
      atX: one.x,
      atY: one.y,
    }));
  }
}

function ends({ value, low, high }: Estimate): readonly number[] {
  return [value, low ?? value, high ?? value];
}

/** The domain with the origin, the noise on both sides and a margin. */
function domainOf(values: readonly number[], floor = 0): readonly [number, number] {
  const [least, most] = [Math.min(...values, -floor, 0), Math.max(...values, floor, 0)];
  const margin = (most - least || 1) * 0.09;
  return [least - margin, most + margin];
}

function unpx(at: number, [low, high]: readonly [number, number], length: number): number {
  return low + (at / length) * (high - low);
}
