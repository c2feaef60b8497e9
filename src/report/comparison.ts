import type { CellAnalysis, Contrast, MetricNoise, WorkloadAnalysis } from '../analysis/analysis.ts';
import type { MetricDefinition, MetricId } from '../experiment/metrics.ts';
import { METRICS } from '../experiment/metrics.ts';

/** The cell that a workload's others are compared with. */
export function baselineOf({ cells }: WorkloadAnalysis): CellAnalysis | undefined {
  return cells.find(({ baseline, role }) => baseline && role === 'level');
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
