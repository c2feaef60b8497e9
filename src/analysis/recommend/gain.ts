import type { Experiment } from '../../experiment/experiment.ts';
import type { MetricId } from '../../metrics/metrics.ts';
import type { CellId } from '../../experiment/plan/plan.ts';
import type { Estimate } from '../../statistics/estimate.ts';
import type { Contrast, WorkloadAnalysis } from '../analysis.ts';
import { baselineOf } from '../inference/baseline-cell.ts';
import type { Axes } from '../inference/axes.ts';
import { blocksNeeded, type Forecast } from './blocks-needed.ts';
import type { Gain } from './recommendation.ts';
import type { Goal } from './wishes.ts';

const GIB = 2 ** 30;

/**
 * Whether a cell is better than the baseline in what is aimed at. In memory and in CPU the verdict of the contrast says
 * so, as it does in the finding; prices weigh two of them, and go by the interval of their sum.
 */
export function gainOf(
  { confidence }: Pick<Experiment, 'confidence'>,
  workload: WorkloadAnalysis,
  cell: CellId,
  goal: Goal,
  axes: Axes,
  forecast: Forecast = blocksNeeded,
): Gain {
  const change = changeOf(workload, cell, goal, axes);
  const base = { workload: workload.workload, change, of: wholeOf(workload, goal, axes), blocksNeeded: null };
  if (change === undefined) return { ...base, state: 'absent' };
  const state = stateOf(workload, cell, goal, axes, change);
  if (state !== 'open') return { ...base, state };
  const needed =
    goal.kind === 'cpu'
      ? forecast(shifted(change, 1), 1, 'log', confidence)
      : forecast(change, 0, 'linear', confidence);
  return { ...base, state, blocksNeeded: needed };
}

function stateOf(
  workload: WorkloadAnalysis,
  cell: CellId,
  goal: Goal,
  axes: Axes,
  { low, high }: Estimate,
): Gain['state'] {
  if (low === null || high === null) return 'no-interval';
  if (low >= 0) return 'loss';
  if (high >= 0) return 'open';
  if (goal.kind !== 'memory' && goal.kind !== 'cpu') return 'shown';
  const [metric] = metricsOfGoal(goal, axes);
  const claim = contrast(workload, cell, metric)?.verdict.claim;
  switch (claim) {
    case 'may-be-chance':
      return 'chance';
    case 'smaller-than-matters':
      return 'little';
    case 'not-shown':
      return 'open';
    case 'better':
    case 'worse':
    case 'changed':
    case 'none':
    case undefined:
      return 'shown';
  }
}

/** What the baseline takes of what a goal is about: bytes, all of its CPU, money a month. */
function wholeOf({ cells }: WorkloadAnalysis, goal: Goal, axes: Axes): number | undefined {
  const baseline = baselineOf(cells);
  const level = (metric: MetricId | undefined): number | undefined =>
    metric === undefined ? undefined : baseline?.estimates[metric]?.value;
  switch (goal.kind) {
    case 'memory':
      return level(axes.memory);
    case 'cpu':
      return 1;
    case 'money': {
      const [memory, cores] = [level(axes.memory), level('cpu.used')];
      if (memory === undefined || cores === undefined) return undefined;
      return (memory * goal.perGibMonth) / GIB + cores * goal.perCoreMonth;
    }
    case 'exchange':
      return undefined;
  }
}

/** The metrics that a goal weighs up. */
export function metricsOfGoal(goal: Goal, axes: Axes): readonly (MetricId | undefined)[] {
  switch (goal.kind) {
    case 'memory':
      return [axes.memory];
    case 'cpu':
      return [axes.cost];
    case 'money':
      return [axes.memory, 'cpu.used'];
    case 'exchange':
      return [axes.memory, axes.cost];
  }
}

function changeOf(workload: WorkloadAnalysis, cell: CellId, goal: Goal, axes: Axes): Estimate | undefined {
  const [first, second] = metricsOfGoal(goal, axes).map((metric) => contrast(workload, cell, metric));
  if (first === undefined) return undefined;
  switch (goal.kind) {
    case 'memory':
      return first.difference;
    case 'cpu':
      return first.ratio && shifted(first.ratio, -1);
    case 'money':
      return second && sum(first.difference, goal.perGibMonth / GIB, second.difference, goal.perCoreMonth);
    case 'exchange':
      return second?.ratio && sum(first.difference, 1, shifted(second.ratio, -1), 100 * goal.bytesPerPercent);
  }
}

function contrast(workload: WorkloadAnalysis, cell: CellId, metric: MetricId | undefined): Contrast | undefined {
  return workload.contrasts.find((one) => one.cell === cell && one.metric === metric);
}

function shifted(estimate: Estimate, by: number): Estimate {
  const moved = (end: number | null): number | null => (end === null ? null : end + by);
  return { ...estimate, value: estimate.value + by, low: moved(estimate.low), high: moved(estimate.high) };
}

/** A weighted sum with the ends added: wider than need be, and covered where both are (Bonferroni). */
function sum(a: Estimate, weightA: number, b: Estimate, weightB: number): Estimate {
  const end = (first: number | null, second: number | null): number | null =>
    first === null || second === null ? null : first * weightA + second * weightB;
  return {
    value: a.value * weightA + b.value * weightB,
    low: end(a.low, b.low),
    high: end(a.high, b.high),
    confidence: a.confidence === null || b.confidence === null ? null : Math.max(0, a.confidence + b.confidence - 1),
    method: 'sum of Hodges–Lehmann estimates, ends added',
    n: Math.min(a.n, b.n),
    warnings: [...new Set([...a.warnings, ...b.warnings])],
  };
}
