import { listed } from '../../text/words.ts';
import type { Experiment } from '../../experiment/experiment.ts';
import type { MetricId } from '../../metrics/metrics.ts';
import type { Warning } from '../../metrics/warning.ts';
import type { CellAnalysis, Contrast } from '../analysis.ts';
import { baselineOf } from './baseline-cell.ts';

/** What values that never vary, or are zero, take away from the conclusions about a workload. */
export function degenerateWarnings(
  { primaries }: Pick<Experiment, 'primaries'>,
  cells: readonly CellAnalysis[],
  contrasts: readonly Contrast[],
): readonly Warning[] {
  return [...primaries.flatMap((metric) => constants(cells, metric)), ...withoutRatio(primaries, cells, contrasts)];
}

/** Cells whose trials all have one value; where that is the same in every cell, once for all. */
function constants(cells: readonly CellAnalysis[], metric: MetricId): readonly Warning[] {
  const known = cells.flatMap((cell) => {
    const values = (cell.values[metric] ?? []).map(({ value }) => value);
    return values.length === 0 ? [] : [{ cell, values }];
  });
  const all = known.flatMap(({ values }) => values);
  const base = baselineOf(cells) ?? known[0]?.cell;
  if (known.length > 1 && base !== undefined && alike(all)) {
    const message = `${metric} has the same value in all ${all.length} trials of all cells: no p can be computed, and GOGC may have no effect on what is measured`;
    return [{ code: 'constant-values', message, cell: base.id, metric }];
  }
  return known
    .filter(({ values }) => values.length > 1 && alike(values))
    .map(({ cell, values }) => {
      const message = `${metric} has the same value in all ${values.length} trials: its interval has zero width, because its scatter cannot be estimated`;
      return { code: 'constant-values', message, cell: cell.id, metric };
    });
}

/**
 * Metrics of which no ratio can be made, by the cell to blame: of the baseline all, for it is in every ratio; of another
 * cell the primaries, for a level without collections has rightly a zero here and there.
 */
function withoutRatio(
  primaries: readonly MetricId[],
  cells: readonly CellAnalysis[],
  contrasts: readonly Contrast[],
): readonly Warning[] {
  const without = contrasts.filter(({ ratio }) => ratio === undefined);
  return cells.flatMap((cell): readonly Warning[] => {
    const lacking = (metric: MetricId): boolean => (cell.values[metric] ?? []).some(({ value }) => value <= 0);
    const found = without
      .filter((one) => one.baseline === cell.id || (one.cell === cell.id && primaries.includes(one.metric)))
      .map(({ metric }) => metric);
    const metrics = [...new Set(found)].filter(lacking);
    if (metrics.length === 0) return [];
    return [{ ...noRatio(metrics), cell: cell.id }];
  });
}

/** What is said of metrics of which no ratio can be made, after the place where that is so. */
export function noRatio(metrics: readonly MetricId[], where = ''): Warning {
  const what = `no ratio or percentage change can be computed for ${listed(metrics)}`;
  return { code: 'no-ratio', message: `${where}${what}: not every trial has a value above zero` };
}

function alike(values: readonly number[]): boolean {
  return values.every((value) => value === values[0]);
}
