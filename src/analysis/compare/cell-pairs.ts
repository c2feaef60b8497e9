import type { MetricId } from '../../metrics/metrics.ts';
import type { Analysis, CellAnalysis, WorkloadAnalysis } from '../analysis.ts';
import type { RunComparison } from './run-comparison.ts';

/** A cell that both runs have. */
export interface CellPair {
  readonly workload: string;
  readonly base: CellAnalysis;
  readonly other: CellAnalysis;
}

/** The trials' own values of a metric, in the order of blocks. */
export function valuesOf(cell: CellAnalysis, metric: MetricId): readonly number[] {
  return (cell.values[metric] ?? []).map(({ value }) => value);
}

/** The cells that both runs have, in the order of the base. */
export function pairCells(base: Analysis, other: Analysis): readonly CellPair[] {
  return base.workloads.flatMap((workload) => {
    const twin = other.workloads.find((one) => one.workload === workload.workload);
    if (twin === undefined) return [];
    return levelCells(workload).flatMap((cell): readonly CellPair[] => {
      const match = levelCells(twin).find((one) => sameLevels(one, cell));
      return match === undefined ? [] : [{ workload: workload.workload, base: cell, other: match }];
    });
  });
}

/** The cells that only one of the runs has. */
export function missingCells(base: Analysis, other: Analysis): RunComparison['missing'] {
  return [...onlyIn(base, other, 'base'), ...onlyIn(other, base, 'new')];
}

function onlyIn(from: Analysis, to: Analysis, of: 'base' | 'new'): RunComparison['missing'] {
  return from.workloads.flatMap((workload) => {
    const twin = to.workloads.find((one) => one.workload === workload.workload);
    return levelCells(workload)
      .filter((cell) => twin === undefined || !levelCells(twin).some((one) => sameLevels(one, cell)))
      .map(({ label }) => ({ workload: workload.workload, cell: label, in: of }));
  });
}

/** The cells of a stratum without its A/A cell. */
export function levelCells({ cells }: WorkloadAnalysis): readonly CellAnalysis[] {
  return cells.filter(({ role }) => role === 'level');
}

function sameLevels(a: CellAnalysis, b: CellAnalysis): boolean {
  return a.levels.gogc === b.levels.gogc && a.levels.gomemlimit === b.levels.gomemlimit;
}
