import type { WorkloadAnalysis } from '../../analysis/analysis.ts';
import type { MetricDefinition } from '../../metrics/metrics.ts';
import type { CellId } from '../../experiment/plan/plan.ts';
import { placeOf, type Row } from '../csv-rows.ts';
import { estimateColumns } from '../csv-table.ts';

/** What the cost model says of one metric: its coefficients, levels left out and not run, the lower bound. */
export function modelRows(workload: WorkloadAnalysis, { id, unit }: MetricDefinition): Row[] {
  const { model } = workload;
  const cells = new Map(workload.cells.map((cell) => [cell.id, cell]));
  const of = (cell: CellId): Row => {
    const known = cells.get(cell);
    return { ...(known === undefined ? { workload: workload.workload, cell } : placeOf(workload, known)), metric: id };
  };
  const laws = (model?.laws ?? []).filter(({ metric }) => metric === id);
  const bounds = model?.lowerBound?.metric === id ? model.lowerBound.cells : [];
  return [
    ...laws.flatMap(({ kind, intercept, slope, cells: levels, predictions }): Row[] => [
      {
        kind: 'law',
        workload: workload.workload,
        metric: id,
        unit,
        ...estimateColumns(intercept),
        note: ['constant', ...intercept.warnings].join('; '),
      },
      {
        kind: 'law',
        workload: workload.workload,
        metric: id,
        unit,
        ...estimateColumns(slope),
        note: [kind === 'memory' ? 'times GOGC/100' : 'times 100/GOGC', ...slope.warnings].join('; '),
      },
      ...levels.map(({ cell, leftOut, inside, excluded }) => ({
        kind: 'left-out',
        ...of(cell),
        unit,
        ...(leftOut === undefined ? {} : estimateColumns(leftOut)),
        note: excluded?.reason ?? (inside === undefined ? 'too few levels' : inside ? 'inside' : 'outside'),
      })),
      ...predictions.map(({ gogc, estimate, extrapolated }) => ({
        kind: 'predicted',
        workload: workload.workload,
        gogc,
        metric: id,
        unit,
        ...estimateColumns(estimate),
        note: [...estimate.warnings, ...(extrapolated ? ['extrapolated'] : [])].join('; '),
      })),
    ]),
    ...bounds.map(({ cell, ratio }) => ({
      kind: 'gc-overhead',
      ...of(cell),
      unit: 'ratio',
      ...estimateColumns(ratio),
    })),
  ];
}
