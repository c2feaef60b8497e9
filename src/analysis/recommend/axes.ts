import type { Experiment } from '../../experiment/experiment.ts';
import { COST_METRICS, MEMORY_METRICS, METRIC_IDS, METRICS, type MetricId } from '../../experiment/metrics.ts';
import type { CellAnalysis } from '../analysis.ts';

/** What a workload's cells are chosen by. */
export interface Axes {
  readonly memory: MetricId | undefined;
  readonly cost: MetricId | undefined;
  readonly latency: MetricId | undefined;
}

/** Chooses the metrics: of memory the declared primary one, else the best that cells have. */
export function axesOf(experiment: Pick<Experiment, 'primaries'>, cells: readonly CellAnalysis[]): Axes {
  const declared = METRIC_IDS.filter((id) => id.startsWith('memory.') && experiment.primaries.includes(id));
  const first = (metrics: readonly MetricId[]): MetricId | undefined =>
    metrics.find((metric) => cells.some(({ values }) => (values[metric] ?? []).length > 0));
  return {
    memory: first([...declared, ...MEMORY_METRICS]),
    cost: first(COST_METRICS),
    latency: first(['latency.p99']),
  };
}

/** The metrics that there are, in the order memory, cost, p99; all of them are better lower. */
export function metricsOf({ memory, cost, latency }: Axes): readonly MetricId[] {
  return [memory, cost, latency].filter((id) => id !== undefined && METRICS[id].better === 'lower') as MetricId[];
}
