import type { Experiment } from '../../experiment/experiment.ts';
import type { MetricId } from '../../experiment/metrics.ts';
import type { CellAnalysis } from '../analysis.ts';
import { axesOf, type Axes } from '../axes.ts';
import { lawOf } from './law.ts';
import { lowerBoundOf } from './lower-bound.ts';
import type { CostModel, Law } from './model-analysis.ts';

/** Fits the cost model to the levels of one workload; undefined where no metric has two levels that it holds for. */
export function costModelOf(
  experiment: Experiment,
  cells: readonly CellAnalysis[],
  { memory, cost }: Axes = axesOf(experiment, cells),
): CostModel | undefined {
  const levels = cells.filter(({ role }) => role === 'level');
  const asked = [
    ['memory', memory],
    ['cost', cost],
    ['cost', 'gc.cpu_per_request'],
  ] as const satisfies readonly (readonly [Law['kind'], MetricId | undefined])[];
  const laws = asked.flatMap(([kind, metric]) =>
    metric === undefined ? [] : (lawOf(experiment, levels, kind, metric) ?? []),
  );
  if (laws.length === 0) return undefined;
  const lowerBound = lowerBoundOf(experiment, levels);
  return { laws, ...(lowerBound === undefined ? {} : { lowerBound }) };
}
