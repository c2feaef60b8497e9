import type { CellAnalysis, WorkloadAnalysis } from '../../analysis/analysis.ts';
import type { Estimate } from '../../statistics/estimate.ts';
import type { Theme } from '../theme.ts';
import { byLevel, levelPaints } from './levels.ts';
import type { Chart, Position } from './spec.ts';
import { baseSpec, FONT } from './spec.ts';
import { span, tradeOffLabels } from './trade-off-labels.ts';
import { tradeOffOf } from './trade-off-points.ts';

const WIDTH = 330;
const HEIGHT = 255;

/**
 * Memory saved against its price, each level of GOGC a point with both intervals and the baseline at the origin.
 * Undefined where nothing can be compared.
 */
export function tradeOffChart(workload: WorkloadAnalysis, theme: Theme, id: string): Chart | undefined {
  const tradeOff = tradeOffOf(workload);
  if (tradeOff === undefined) return undefined;
  const { baseline, points, scale, memoryName, costName } = tradeOff;
  const across = span(
    points.flatMap(({ x }) => ends(x)),
    [0, WIDTH],
  );
  const up = span(
    points.flatMap(({ y }) => ends(y)),
    [HEIGHT, 0],
  );
  const paints = levelPaints(workload.cells, theme);
  const ranks = workload.cells.toSorted(byLevel);
  const rankOf = (cell: CellAnalysis): number => ranks.indexOf(cell);
  const [ink, muted, paper] = [theme.token('ink'), theme.token('muted'), theme.token('paper')];
  const labels = tradeOffLabels(tradeOff, across, up);
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
              scale: { domain: [...across.domain], nice: false, zero: false },
              axis: { labelExpr: "(datum.value > 0 ? '+' : '') + datum.label", tickCount: 7 },
            },
            y: {
              ...y,
              title: `${memoryName} saved, ${scale.suffix}`,
              scale: { domain: [...up.domain], nice: false, zero: false },
              axis: { labelExpr: "(datum.value > 0 ? '+' : '') + datum.label", tickCount: 6, minExtent: 34 },
            },
            order: { field: 'rank', type: 'quantitative' },
            detail: { field: 'limit', type: 'nominal' },
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
          mark: { type: 'point', filled: true, size: 26, opacity: 1 },
          encoding: { x, y, fill: paint },
        },
        {
          data: { values: [{ x: 0, y: 0 }] },
          mark: { type: 'point', filled: false, size: 40, stroke: ink, strokeWidth: 1.75, fill: paper, opacity: 1 },
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

function ends({ value, low, high }: Estimate): readonly number[] {
  return [value, low ?? value, high ?? value];
}
