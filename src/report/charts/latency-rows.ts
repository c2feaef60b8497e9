import type { WorkloadAnalysis } from '../../analysis/analysis.ts';
import { commonScale } from '../../units/format-units.ts';
import type { Theme } from '../theme.ts';
import type { Chart, Panel, Position } from './spec.ts';
import { baseSpec, FONT, LONGEST_LABEL } from './spec.ts';

const WIDTH = 320;
const ROW = 19;
const QUANTILES = [
  [0.5, 'p50'],
  [0.99, 'p99'],
] as const;

/**
 * The median latency and p99 of each cell, a row each: the median over trials as a dot, its interval as a bar. Undefined
 * where no latency was measured.
 */
export function latencyRowsChart(workload: WorkloadAnalysis, theme: Theme, id: string): Chart | undefined {
  const cells = workload.cells.filter(({ latency }) => latency.some(({ seconds }) => seconds.value > 0));
  if (cells.length === 0) return undefined;
  const shown = QUANTILES.flatMap(([wanted, name]) => {
    const rows = cells.flatMap(({ label, role, baseline, latency }, i) =>
      latency
        .filter(({ quantile }) => quantile === wanted)
        .map(({ seconds }) => ({ at: i + 0.5, label, aa: role === 'a-a', baseline, seconds })),
    );
    return rows.length === 0 ? [] : [panel(name, rows, cells.length, theme)];
  });
  return {
    id,
    title: 'Median latency and p99',
    description: `Median latency and p99 of each cell with their intervals. The numbers are in the table below.`,
    minWidth: 320,
    maxWidth: 560,
    spec: { ...baseSpec(theme), spacing: 16, vconcat: shown },
  };
}

interface LatencyRow {
  readonly at: number;
  readonly label: string;
  readonly aa: boolean;
  readonly baseline: boolean;
  readonly seconds: { readonly value: number; readonly low: number | null; readonly high: number | null };
}

function panel(name: string, rows: readonly LatencyRow[], count: number, theme: Theme): Panel {
  const ends = rows.flatMap(({ seconds: { value, high } }) => high ?? value);
  const scale = commonScale(ends, 'seconds');
  const values = rows.map(({ at, label, aa, seconds: { value, low, high } }) => ({
    at,
    label,
    value: value / scale.divisor,
    low: low === null ? null : low / scale.divisor,
    high: high === null ? null : high / scale.divisor,
    inside: theme.token(aa ? 'paper' : 'ink'),
    zero: 0,
  }));
  const [ink, trial] = [theme.token('ink'), theme.token('trial')];
  const y: Position = {
    field: 'at',
    type: 'quantitative',
    scale: { domain: [0, count], range: [0, count * ROW], nice: false, zero: false },
    axis: null,
  };
  const x: Position = {
    field: 'value',
    type: 'quantitative',
    title: null,
    scale: { domain: [0, (Math.max(...ends) / scale.divisor) * 1.04 || 1], nice: false },
    axis: { tickCount: 5, grid: true },
  };
  return {
    title: { text: `${name}, ${scale.suffix}`, frame: 'group', anchor: 'start' },
    width: WIDTH,
    height: count * ROW,
    layer: [
      {
        data: {
          values: rows
            .filter(({ baseline }) => baseline)
            .slice(0, 1)
            .map(({ seconds }) => ({ value: seconds.value / scale.divisor })),
        },
        mark: { type: 'rule', stroke: trial, strokeDash: [3, 3] },
        encoding: { x },
      },
      {
        data: { values: values.filter(({ low }) => low !== null) },
        mark: { type: 'rule', stroke: ink, strokeWidth: 1.5 },
        encoding: { x: { ...x, field: 'low' }, x2: { field: 'high' }, y },
      },
      {
        data: { values },
        mark: { type: 'point', stroke: ink, strokeWidth: 1.5, size: 40, opacity: 1, filled: false },
        encoding: { x, y, fill: { field: 'inside', type: 'nominal', scale: null } },
      },
      {
        data: { values },
        mark: { type: 'text', align: 'right', baseline: 'middle', dx: -8, fontSize: FONT.label, limit: LONGEST_LABEL },
        encoding: { x: { ...x, field: 'zero' }, y, text: { field: 'label' } },
      },
    ],
  };
}
