import type { Experiment } from '../../experiment/experiment.ts';
import { METRICS, type MetricId } from '../../metrics/metrics.ts';
import type { CellAnalysis, WorkloadAnalysis } from '../analysis.ts';
import type { Axes } from '../inference/axes.ts';
import { blocksNeeded, type Forecast } from './blocks-needed.ts';
import type { Judgement } from './recommendation.ts';
import type { Limit, LimitName } from './wishes.ts';

/** The metric that a limit is about under a workload. */
export function metricOfLimit(name: LimitName, axes: Axes): MetricId | undefined {
  switch (name) {
    case 'cpu':
      return axes.cost;
    case 'p99':
      return axes.latency;
    case 'memory':
      return axes.memory;
    case 'rss':
      return 'memory.rss';
  }
}

/**
 * How a cell stands to a limit: the one place where that is decided. A limit is met only where the end of the interval
 * meets it: of the paired Hodges–Lehmann ratio to the baseline for a change, of the median for a level. The interval
 * has two sides, so that a limit which is not met in truth passes in at most half of what the confidence leaves.
 */
export function judge(
  { confidence }: Pick<Experiment, 'confidence'>,
  workload: WorkloadAnalysis,
  cell: CellAnalysis,
  limit: Limit,
  axes: Axes,
  forecast: Forecast = blocksNeeded,
): Judgement {
  const metric = metricOfLimit(limit.name, axes);
  const base = { workload: workload.workload, limit, metric };
  const isBaseline = cell.baseline && cell.role === 'level';
  if (limit.kind === 'change' && isBaseline) {
    return { ...base, state: limit.most >= 0 ? 'met' : 'broken', estimate: undefined, blocksNeeded: null };
  }
  const contrast = workload.contrasts.find((one) => one.cell === cell.id && one.metric === metric);
  const [estimate, bound] =
    limit.kind === 'change' ? [contrast?.ratio, 1 + limit.most] : [metric && cell.estimates[metric], limit.most];
  if (estimate === undefined) {
    const reason =
      limit.kind === 'change' && contrast !== undefined
        ? { reason: `no percentage change in ${METRICS[contrast.metric].label}: not all values are above zero` }
        : {};
    return { ...base, state: 'absent', estimate, blocksNeeded: null, ...reason };
  }
  const { low, high } = estimate;
  if (low === null || high === null) return { ...base, state: 'no-interval', estimate, blocksNeeded: null };
  if (high <= bound) return { ...base, state: 'met', estimate, blocksNeeded: null };
  if (low > bound) return { ...base, state: 'broken', estimate, blocksNeeded: null };
  const scale = limit.kind === 'change' ? 'log' : 'linear';
  return { ...base, state: 'open', estimate, blocksNeeded: forecast(estimate, bound, scale, confidence) };
}
