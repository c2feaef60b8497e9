import { gogcGoal, LEAST_RUNWAY_BYTES, limitGoal, LIMITER_SHARE } from '../go/pacer.ts';
import type { Gogc, Gomemlimit, SimulatedTarget } from '../experiment/experiment.ts';

/** What a process runs under. */
export interface Settings {
  readonly gogc: Gogc;
  readonly gomemlimit: Gomemlimit;
  readonly gomaxprocs: number;
}

/** CPU seconds of a cycle: what it marks, and what it costs whatever the heap. */
export function cycleCpuSeconds(model: SimulatedTarget, liveBytes: number): number {
  return (liveBytes + model.rootBytes) / model.markBytesPerSecond + model.cycleSeconds;
}

/** The goal of the next cycle in bytes: the lower of GOGC's and the limit's, but above what is live. */
export function heapGoal(model: SimulatedTarget, { gogc, gomemlimit }: Settings, liveBytes: number): number {
  // Under the limit fragmentation grows with the heap, so that both share what the limit leaves.
  const room = gomemlimit === 'off' ? Infinity : (gomemlimit - model.offHeapBytes) / (1 + model.fragmentation);
  const goal = Math.min(gogcGoal(liveBytes, model.rootBytes, gogc), room === Infinity ? Infinity : limitGoal(room, 0));
  return Math.max(goal, liveBytes + LEAST_RUNWAY_BYTES);
}

/**
 * Bytes that are allocated from one cycle to the next: up to the goal, or more where the collector would else take more
 * than half of the CPUs: then the limiter lets the heap grow past its goal. `allocPerSecond` is the mean rate.
 */
export function runwayBytes(
  model: SimulatedTarget,
  settings: Settings,
  liveBytes: number,
  allocPerSecond: number,
): number {
  const limited = (allocPerSecond * cycleCpuSeconds(model, liveBytes)) / (LIMITER_SHARE * settings.gomaxprocs);
  return Math.max(heapGoal(model, settings, liveBytes) - liveBytes, limited);
}
