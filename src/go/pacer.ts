import type { Gogc, Gomemlimit } from './settings.ts';

// What the collector's pacer promises (Go 1.18 and later; src/runtime/mgcpacer.go where nothing else is said).

const MIB = 2 ** 20;
/** The least heap that is collected at GOGC=100 (heapMinimum); it scales with GOGC. */
export const HEAP_MINIMUM_BYTES = 4 * MIB;
/** A goal or a limit from here up is "none": the runtime prints 2^64 − 1 with GOGC=off and 2^63 − 1 without a limit. */
export const UNLIMITED_BYTES = 2 ** 62;
/** The least that a cycle lets be allocated: the goal is never nearer to the trigger. */
export const LEAST_RUNWAY_BYTES = 64 * 1024;
/** While sweeping is unfinished the goal is at least the live heap and this much (sweepMinHeapDistance). */
export const SWEEP_DISTANCE_BYTES = MIB;
/** What a memory limit keeps free: this share of the goal (memoryLimitHeapGoalHeadroomPercent) … */
const HEADROOM_SHARE = 0.03;
/** … and at least this much (memoryLimitMinHeapGoalHeadroom). */
const LEAST_HEADROOM_BYTES = MIB;
/** Without other reason the runtime runs a cycle so often (runtime/proc.go, forcegcperiod). */
export const FORCED_CYCLE_SECONDS = 120;
/** The share of the CPUs that marking takes while a cycle is under way (gcBackgroundUtilization). */
export const MARKING_SHARE = 0.25;
/** The most of the CPUs that the collector takes in the long run (runtime/mgclimit.go). */
export const LIMITER_SHARE = 0.5;

/** Heap goal in bytes by GOGC alone: live + (live + roots)·GOGC/100, at least the minimum heap. */
export function gogcGoal(liveBytes: number, rootBytes: number, gogc: Gogc): number {
  if (gogc === 'off') return Infinity;
  const g = gogc / 100;
  return Math.max(liveBytes + (liveBytes + rootBytes) * g, HEAP_MINIMUM_BYTES * g);
}

/** Whether a goal is the minimum heap's, within what rounding makes of it: then it says nothing of the live heap. */
export function isMinimumGoal(goalBytes: number, g: number): boolean {
  return goalBytes <= HEAP_MINIMUM_BYTES * g * 1.01;
}

/**
 * The live heap that a goal was computed from. Roots that are not known are left out, which overstates live by
 * roots·g/(1+g). Undefined where GOGC does not set the goal: off, or at the minimum heap. A memory limit is the caller's
 * to rule out.
 */
export function liveFromGoal(goalBytes: number, gogc: Gogc, rootsBytes: number): number | undefined {
  const g = gogc === 'off' ? 0 : gogc / 100;
  if (g <= 0 || goalBytes >= UNLIMITED_BYTES || isMinimumGoal(goalBytes, g)) return undefined;
  return Math.max(0, (goalBytes - rootsBytes * g) / (1 + g));
}

/** The GOGC, in percent, that makes a goal out of a live heap and its roots. */
export function gogcFromGoal(goalBytes: number, liveBytes: number, rootsBytes: number): number {
  return (100 * (goalBytes - liveBytes)) / (liveBytes + rootsBytes);
}

/** Heap goal in bytes that a memory limit leaves beside `otherBytes` that are mapped and no objects. Not below 0. */
export function limitGoal(limit: Gomemlimit, otherBytes: number): number {
  if (limit === 'off') return Infinity;
  const goal = limit - otherBytes;
  return Math.max(0, goal - Math.max(goal * HEADROOM_SHARE, LEAST_HEADROOM_BYTES));
}

/** The least limit under which a heap goal can be kept, with `goalBytes` all that it must hold: limitGoal turned round. */
export function leastLimitFor(goalBytes: number): number {
  return Math.max(goalBytes + LEAST_HEADROOM_BYTES, goalBytes / (1 - HEADROOM_SHARE));
}

/** Whether a memory limit is in force, asked for or told by the runtime: then it may set the goal instead of GOGC. */
export function isLimited(asked: Gomemlimit, toldBytes: number | undefined): boolean {
  return asked !== 'off' || (toldBytes ?? Infinity) < UNLIMITED_BYTES;
}
