import type { Analysis, CellAnalysis, Contrast, WorkloadAnalysis } from '../analysis/analysis.ts';
import type { MetricDefinition, MetricId } from '../metrics/metrics.ts';
import { METRICS } from '../metrics/metrics.ts';
import { percentText } from './words.ts';

/** The cell that a workload's others are compared with. */
export function baselineOf({ cells }: WorkloadAnalysis): CellAnalysis | undefined {
  return cells.find(({ baseline, role }) => baseline && role === 'level');
}

/** Whether there are settings to choose between: a run of one compares versions or other factors. */
export function hasChoice(workloads: readonly WorkloadAnalysis[]): boolean {
  return workloads.some(({ cells }) => cells.some(({ role, baseline }) => role === 'level' && !baseline));
}

/** The contrast of a cell in a metric, where there is one. */
export function contrastOf(
  workload: WorkloadAnalysis,
  cell: CellAnalysis,
  metric: MetricId | undefined,
): Contrast | undefined {
  return workload.contrasts.find((contrast) => contrast.cell === cell.id && contrast.metric === metric);
}

/** How a figure of a contrast is marked: `?` where no difference is shown, `=` where it is no more than matters. */
export type VerdictMark = '' | '?' | '=';

/** The mark of a contrast's figures, by its verdict. */
export function markOf({ verdict }: Pick<Contrast, 'verdict'>): VerdictMark {
  return markOfClaim(verdict.claim);
}

/** The mark of a figure by what is claimed of it. */
export function markOfClaim(claim: Contrast['verdict']['claim']): VerdictMark {
  if (claim === 'not-shown' || claim === 'may-be-chance') return '?';
  return claim === 'smaller-than-matters' ? '=' : '';
}

/** What the marks mean, for the foot of a table. */
export function markLegend({ confidence, matters = 0 }: Analysis['run']['experiment']): string {
  const smaller =
    matters === 0
      ? ''
      : `; “=” one that is shown, but is no larger than the smallest change that matters, ${percentText(matters)}`;
  return `“?” marks a difference that is not shown: the ${percentText(confidence)} interval of the change includes zero, or it may be chance among so many comparisons${smaller}.`;
}

/** Why the per cent of a sentence and that of two figures of a table may differ. */
export const MEDIANS_NOTE =
  'A value of a cell is the median over its trials; a change is the Hodges–Lehmann estimate of the ratios within blocks, which may differ from the change between two medians.';

/** A metric's name where it stands for one workload: a batch does runs, not requests. */
export function metricName(
  { unit }: WorkloadAnalysis,
  metric: MetricId,
  definition: MetricDefinition = METRICS[metric],
): string {
  return unit === 'run' ? definition.label.replace('per request', 'per run') : definition.label;
}
