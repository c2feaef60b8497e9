import type { MetricId } from '../../metrics/metrics.ts';
import type { CellAnalysis } from '../analysis.ts';

/** Why a cell is not to be chosen whatever its figures say; undefined where it may be. */
export function exclusionOf(cell: CellAnalysis, mostValid: number): string | undefined {
  const killed = cell.outcomes['oom-killed'] ?? 0;
  // One trial that ran out of memory is enough: a setting that is killed now and then is no setting.
  if (killed > 0)
    return cell.shortfall ?? `${killed} of ${cell.attempted} trials ${killed === 1 ? 'was' : 'were'} OOM-killed`;
  if (cell.valid === 0) return cell.shortfall ?? 'no trial of it counts';
  if (cell.valid * 2 < mostValid) return `only ${cell.valid} of its ${cell.attempted} trials count`;
  return undefined;
}

/**
 * The values of several cells block by block: one row a block, in it one row a cell, in it one value a metric. Only
 * blocks in which every cell has every metric, so that all are compared over the same work at the same time.
 */
export function completeBlocks(
  cells: readonly CellAnalysis[],
  metrics: readonly MetricId[],
): readonly (readonly (readonly number[])[])[] {
  const known = cells.map(({ values }) =>
    metrics.map((metric) => new Map((values[metric] ?? []).map(({ block, value }) => [block, value]))),
  );
  const blocks = [...(known[0]?.[0]?.keys() ?? [])].toSorted((a, b) => a - b);
  return blocks.flatMap((block) => {
    const rows = known.map((own) => own.flatMap((values) => values.get(block) ?? []));
    return rows.every((row) => row.length === metrics.length) ? [rows] : [];
  });
}
