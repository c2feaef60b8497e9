import type { CellAnalysis, Contrast, WorkloadAnalysis } from '../analysis/analysis.ts';
import type { MetricDefinition, MetricId } from '../experiment/metrics.ts';
import { METRICS } from '../experiment/metrics.ts';
import type { Estimate } from '../statistics/estimate.ts';

/** What memory is counted in, best source first; the same order as the finding's. */
const MEMORY: readonly MetricId[] = ['memory.anon', 'memory.rss', 'memory.go', 'memory.peak'];
/** What memory is paid with, best first. */
const COST: readonly MetricId[] = ['cpu.per_request', 'batch.duration', 'cpu.used'];

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
  return { baseline, memory: first(MEMORY), cost: first(COST) };
}

/** The contrast of a cell in a metric, where there is one. */
export function contrastOf(
  workload: WorkloadAnalysis,
  cell: CellAnalysis,
  metric: MetricId | undefined,
): Contrast | undefined {
  return workload.contrasts.find((contrast) => contrast.cell === cell.id && contrast.metric === metric);
}

/**
 * What the same setting run twice differs by: the farther end of the A/A contrast's interval. Undefined where that
 * contrast is missing or has no interval.
 */
export function noiseFloor(
  workload: WorkloadAnalysis,
  metric: MetricId | undefined,
  estimateOf: (contrast: Contrast) => Estimate | undefined,
): number | undefined {
  const contrast = workload.contrasts.find(({ kind, metric: own }) => kind === 'a-a' && own === metric);
  const estimate = contrast && estimateOf(contrast);
  if (!estimate || estimate.low === null || estimate.high === null) return undefined;
  return Math.max(Math.abs(estimate.low), Math.abs(estimate.high));
}

/** Whether a difference is no greater than what the same setting run twice shows. */
export function withinNoise(workload: WorkloadAnalysis, contrast: Contrast): boolean {
  const floor = noiseFloor(workload, contrast.metric, ({ difference }) => difference);
  return contrast.kind === 'level' && floor !== undefined && Math.abs(contrast.difference.value) <= floor;
}

/** A metric's name where it stands for one workload: a batch does runs, not requests. */
export function metricName(
  { unit }: WorkloadAnalysis,
  metric: MetricId,
  definition: MetricDefinition = METRICS[metric],
): string {
  return unit === 'run' ? definition.label.replace('per request', 'per run') : definition.label;
}
