import type { Experiment } from '../../experiment/experiment.ts';
import { axisMetrics, METRICS, type MetricId } from '../../metrics/metrics.ts';
import type { CellAnalysis } from '../analysis.ts';
import { baselineOf } from './baseline-cell.ts';

/** What the cells of a workload are compared in and chosen by; decided once, in `infer.ts`. */
export interface Axes {
  readonly memory: MetricId | undefined;
  readonly cost: MetricId | undefined;
  readonly latency: MetricId | undefined;
}

/**
 * Chooses what memory, its price and latency are counted in: the declared primaries first, in the order in which they
 * are declared, then the best there is. A metric that some level shares with the baseline goes before one that cannot
 * be compared.
 */
export function axesOf({ primaries }: Pick<Experiment, 'primaries'>, cells: readonly CellAnalysis[]): Axes {
  const baseline = baselineOf(cells);
  const first = (known: readonly MetricId[]): MetricId | undefined => {
    const wanted = [...primaries.filter((metric) => known.includes(metric)), ...known];
    return (
      wanted.find((metric) => baseline !== undefined && comparable(cells, baseline, metric)) ??
      wanted.find((metric) => cells.some((cell) => has(cell, metric)))
    );
  };
  return {
    memory: first(axisMetrics('memory')),
    cost: first(axisMetrics('cost')),
    latency: first(axisMetrics('latency')),
  };
}

/** The metrics that there are, in the order memory, cost, p99; all of them are better lower. */
export function metricsOf({ memory, cost, latency }: Axes): readonly MetricId[] {
  return [memory, cost, latency].filter((id) => id !== undefined && METRICS[id].better === 'lower') as MetricId[];
}

function comparable(cells: readonly CellAnalysis[], baseline: CellAnalysis, metric: MetricId): boolean {
  const blocks = new Set((baseline.values[metric] ?? []).map(({ block }) => block));
  return cells.some((cell) => cell !== baseline && (cell.values[metric] ?? []).some(({ block }) => blocks.has(block)));
}

function has({ values }: CellAnalysis, metric: MetricId): boolean {
  return (values[metric] ?? []).length > 0;
}
