import type { WorkloadAnalysis } from '../analysis/analysis.ts';

/** The cells that have no figures although they were run: what became of them is an outcome, not a gap. */
export function lostCells(workloads: readonly WorkloadAnalysis[]): readonly string[] {
  const lost = workloads.flatMap(({ workload, cells }) =>
    cells.flatMap(({ valid, label, shortfall }) =>
      valid > 0 || shortfall === undefined
        ? []
        : [`${workloads.length > 1 ? `${workload}, ` : ''}${label} (${shortfall})`],
    ),
  );
  return lost.length === 0 ? [] : [`Not in the chart, because none of their trials counts: ${lost.join('; ')}.`];
}
