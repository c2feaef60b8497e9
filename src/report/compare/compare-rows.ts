import type { ComparedCell, ComparedMetric, RunComparison } from '../../analysis/compare/run-comparison.ts';
import { METRICS, type MetricId } from '../../metrics/metrics.ts';
import type { Estimate } from '../../statistics/estimate.ts';
import { columnScale } from '../column-scale.ts';
import { figureOf } from '../figure.ts';
import { counted } from '../words.ts';
import { changeText, pText, shownMetrics, VERDICTS } from './compare-words.ts';

/** One metric of one workload: a row for each cell. */
export interface CompareTable {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Why single rows say what they say. */
  readonly notes: readonly string[];
}

/** The tables of a comparison, primary metrics first; `all`: also those in which nothing is claimed. */
export function compareTables(comparison: RunComparison, all: boolean): readonly CompareTable[] {
  const workloads = [...new Set(comparison.cells.map(({ workload }) => workload))];
  return shownMetrics(comparison, all).flatMap((metric) =>
    workloads.flatMap((workload) => {
      const cells = comparison.cells.flatMap((cell) => {
        const one = cell.metrics.find((each) => each.metric === metric);
        return cell.workload === workload && one !== undefined ? [{ cell, one }] : [];
      });
      return cells.length === 0 ? [] : [tableOf(metric, workload, cells)];
    }),
  );
}

function tableOf(
  metric: MetricId,
  workload: string,
  cells: readonly { readonly cell: ComparedCell; readonly one: ComparedMetric }[],
): CompareTable {
  const { label, unit } = METRICS[metric];
  const levels = cells.flatMap(({ one }) => [one.base, one.new].flatMap((estimate) => estimate ?? []));
  const scale = columnScale(levels, unit);
  const suffix = scale.suffix === '' ? '' : `, ${scale.suffix}`;
  const sizes = new Set(levels.map((estimate) => estimate.n));
  const n = sizes.size === 1 ? [...sizes][0] : undefined;
  const level = (estimate: Estimate | undefined): string => {
    if (estimate === undefined) return '';
    const { value, interval } = figureOf(estimate, { scale, kind: 'level' });
    return `${value} (${interval ?? 'no interval'}${n === undefined ? `; n = ${estimate.n}` : ''})`;
  };
  const family = cells[0]?.one.family === 'exploratory' ? ' (exploratory)' : '';
  return {
    title: `${workload}: ${label}${suffix}${family}${n === undefined ? '' : `, n = ${counted(n, 'trial')}`}`,
    head: ['cell', 'base', 'new', 'change', '', 'p'],
    rows: cells.map(({ cell, one }) => [
      cell.label,
      level(one.base),
      level(one.new),
      one.difference === undefined || one.difference.low === null ? '' : changeText(one),
      VERDICTS[one.verdict],
      pText(one.adjustedP),
    ]),
    notes: cells.flatMap(({ cell, one }) => (one.reason === undefined ? [] : [`${cell.label}: ${one.reason}`])),
  };
}
