import type { Gogc } from './experiment.ts';

/** The least heap that the runtime collects at, at GOGC=100 (runtime/mgcpacer.go); it scales with GOGC. */
const HEAP_MINIMUM_BYTES = 4 * 2 ** 20;

/** A NextGC or a limit from here up is "none": the runtime prints 2^64 − 1 with GOGC=off and 2^63 − 1 without a limit. */
export const UNLIMITED_BYTES = 2 ** 62;

/**
 * The live heap that a goal was computed from: goal = live + (live + roots)·g turned round, g = GOGC/100 (Go 1.18 and
 * later). Roots that are not known are left out, which overstates live by roots·g/(1+g). Undefined where GOGC does not
 * set the goal: off, or at the least heap. A memory limit is the caller's to rule out.
 */
export function liveFromGoal(goalBytes: number, gogc: Gogc, rootsBytes: number): number | undefined {
  const g = gogc === 'off' ? 0 : gogc / 100;
  if (g <= 0 || goalBytes >= UNLIMITED_BYTES || goalBytes <= HEAP_MINIMUM_BYTES * g * 1.01) return undefined;
  return Math.max(0, (goalBytes - rootsBytes * g) / (1 + g));
}
