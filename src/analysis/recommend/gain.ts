import type { MetricId } from '../../experiment/metrics.ts';
import type { CellId } from '../../experiment/plan.ts';
import type { Estimate } from '../../statistics/estimate.ts';
import type { Contrast, WorkloadAnalysis } from '../analysis.ts';
import type { Axes } from '../axes.ts';
import { blocksNeeded } from './blocks-needed.ts';
import type { Gain } from './recommendation.ts';
import type { Goal } from './wishes.ts';

const GIB = 2 ** 30;

/**
 * Whether a cell is better than the baseline in what is aimed at: the interval excludes "no change", and the change is
 * greater than what the same setting run twice shows (where the run has an A/A cell that counts).
 */
export function gainOf(workload: WorkloadAnalysis, cell: CellId, goal: Goal, axes: Axes): Gain {
  const change = changeOf(workload, cell, goal, axes);
  const base = { workload: workload.workload, change, blocksNeeded: null };
  if (change === undefined) return { ...base, state: 'absent' };
  const { value, low, high, n } = change;
  if (low === null || high === null) return { ...base, state: 'no-interval' };
  if (low >= 0) return { ...base, state: 'loss' };
  if (high >= 0) return { ...base, state: 'open', blocksNeeded: blocksNeeded(change, 0, 'linear') };
  const floor = floorOf(workload, goal, axes);
  if (floor === undefined || Math.abs(value) > floor) return { ...base, state: 'shown' };
  // The floor is an end of an interval too, and comes down as 1/√n.
  const needed = value === 0 ? Infinity : Math.ceil(n * (floor / value) ** 2) + 1;
  return { ...base, state: 'noise', blocksNeeded: Number.isFinite(needed) ? needed : null };
}

/** The metrics that a goal weighs up. */
export function metricsOfGoal(goal: Goal, axes: Axes): readonly (MetricId | undefined)[] {
  switch (goal.kind) {
    case 'memory':
      return [axes.memory];
    case 'money':
      return [axes.memory, 'cpu.used'];
    case 'exchange':
      return [axes.memory, axes.cost];
  }
}

function changeOf(workload: WorkloadAnalysis, cell: CellId, goal: Goal, axes: Axes): Estimate | undefined {
  const [memory, cost] = metricsOfGoal(goal, axes).map((metric) => contrast(workload, cell, metric));
  if (memory === undefined) return undefined;
  switch (goal.kind) {
    case 'memory':
      return memory.difference;
    case 'money':
      return cost && sum(memory.difference, goal.perGibMonth / GIB, shifted(cost.difference, 0), goal.perCoreMonth);
    case 'exchange':
      return cost?.ratio && sum(memory.difference, 1, shifted(cost.ratio, -1), 100 * goal.bytesPerPercent);
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

function floorOf(workload: WorkloadAnalysis, goal: Goal, axes: Axes): number | undefined {
  const repeated = workload.contrasts.find(({ kind }) => kind === 'a-a');
  const change = repeated && changeOf(workload, repeated.cell, goal, axes);
  if (change === undefined || change.low === null || change.high === null) return undefined;
  return Math.max(Math.abs(change.low), Math.abs(change.high));
}
