import type { CellAnalysis } from '../analysis.ts';

/** The baseline of a workload's cells, not its A/A cell; undefined where the run left it out. */
export function baselineOf(cells: readonly CellAnalysis[]): CellAnalysis | undefined {
  return cells.find(({ baseline, role }) => baseline && role === 'level');
}
