import type { CellAnalysis, Contrast, MetricNoise, WorkloadAnalysis } from '../analysis/analysis.ts';
import type { MetricDefinition, MetricId } from '../experiment/metrics.ts';
import { COST_METRICS, MEMORY_METRICS, METRICS } from '../experiment/metrics.ts';

/** What a workload's cells are compared in, and against which of them. */
export interface Comparison {
  readonly baseline: CellAnalysis | undefined;
  /** The best measure of memory that there are figures of. */
  readonly memory: MetricId | undefined;
  /** The best measure of its price that there are figures of. */
  readonly cost: MetricId | undefined;
}

/** Chooses what memory and its price are counted in: what can be compared, else what there are figures of. */
export function comparisonOf(workload: WorkloadAnalysis): Comparison {
  const first = (metrics: readonly MetricId[]): MetricId | undefined =>
    metrics.find((id) => workload.contrasts.some(({ metric }) => metric === id)) ??
    metrics.find((id) => workload.cells.some(({ estimates }) => estimates[id] !== undefined));
  const baseline = workload.cells.find((cell) => cell.baseline && cell.role === 'level');
  return { baseline, memory: first(MEMORY_METRICS), cost: first(COST_METRICS) };
}

/** The contrast of a cell in a metric, where there is one. */
export function contrastOf(
  workload: WorkloadAnalysis,
  cell: CellAnalysis,
  metric: MetricId | undefined,
): Contrast | undefined {
  return workload.contrasts.find((contrast) => contrast.cell === cell.id && contrast.metric === metric);
}

/** What the A/A cell tells of a metric; undefined where there is none. */
export function noiseOf({ noise }: WorkloadAnalysis, metric: MetricId | undefined): MetricNoise | undefined {
  return noise.find((one) => one.metric === metric);
}

/** Whether a difference is no greater than what the same setting run twice shows. */
export function withinNoise(workload: WorkloadAnalysis, contrast: Contrast): boolean {
  const floor = noiseOf(workload, contrast.metric)?.floor ?? null;
  return contrast.kind === 'level' && floor !== null && Math.abs(contrast.difference.value) <= floor;
}

/** A metric's name where it stands for one workload: a batch does runs, not requests. */
export function metricName(
  { unit }: WorkloadAnalysis,
  metric: MetricId,
  definition: MetricDefinition = METRICS[metric],
): string {
  return unit === 'run' ? definition.label.replace('per request', 'per run') : definition.label;
}
