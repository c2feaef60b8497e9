import type { Gogc, Gomemlimit, SimulatedTarget } from '../experiment/experiment.ts';

const MIB = 2 ** 20;
/** The least heap that is collected, at GOGC=100; it scales with GOGC (runtime/mgcpacer.go, heapMinimum). */
const HEAP_MINIMUM_BYTES = 4 * MIB;
/** The least that a cycle lets be allocated: the goal is never nearer to the trigger (runtime/mgcpacer.go). */
const LEAST_RUNWAY_BYTES = 64 * 1024;
/** What a memory limit keeps free: this share of the goal, and at least a MiB (runtime/mgcpacer.go, memoryLimitHeapGoal). */
const HEADROOM = 0.03;
/** The most of the CPUs that the collector takes in the long run (runtime/mgclimit.go). */
export const LIMITER_SHARE = 0.5;

/** What a process runs under. */
export interface Settings {
  readonly gogc: Gogc;
  readonly gomemlimit: Gomemlimit;
  readonly gomaxprocs: number;
}

/** Heap goal in bytes by GOGC alone: live + (live + roots)·GOGC/100, at least 4 MiB·GOGC/100 (Go 1.18 and later). */
export function gogcGoal(liveBytes: number, rootBytes: number, gogc: Gogc): number {
  if (gogc === 'off') return Infinity;
  const g = gogc / 100;
  return Math.max(liveBytes + (liveBytes + rootBytes) * g, HEAP_MINIMUM_BYTES * g);
}

/** Heap goal in bytes that a memory limit leaves beside `otherBytes` that are mapped and no objects. Not below 0. */
export function limitGoal(limit: Gomemlimit, otherBytes: number): number {
  if (limit === 'off') return Infinity;
  const goal = limit - otherBytes;
  return Math.max(0, goal - Math.max(goal * HEADROOM, MIB));
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
