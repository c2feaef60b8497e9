import type { Experiment } from '../../experiment/experiment.ts';
import type { MetricId } from '../../metrics/metrics.ts';
import type { CellAnalysis } from '../analysis.ts';
import { axesOf, type Axes } from '../inference/axes.ts';
import { lawOf } from './law.ts';
import { lowerBoundOf } from './lower-bound.ts';
import type { CostModel, Law } from './model-analysis.ts';

/**
 * Fits the cost model to the levels of one workload; undefined where no metric has two levels that it holds for, but for
 * several cells with one GOGC, of which it says so.
 */
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
  const unfitted = laws.length === 0 ? oneLevel(levels) : undefined;
  if (laws.length === 0 && unfitted === undefined) return undefined;
  const lowerBound = lowerBoundOf(experiment, levels);
  return {
    laws,
    ...(unfitted === undefined ? {} : { unfitted }),
    ...(lowerBound === undefined ? {} : { lowerBound }),
  };
}

/** Why no line of GOGC can be drawn through several cells: `all levels have GOGC=10`. */
function oneLevel(levels: readonly CellAnalysis[]): string | undefined {
  const [only, ...others] = new Set(levels.map((cell) => cell.levels.gogc));
  if (levels.length < 2 || others.length > 0 || only === undefined) return undefined;
  return `all levels have GOGC=${only}`;
}
