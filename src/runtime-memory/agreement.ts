import type { GoFigures } from '../go/counters.ts';

/** What changes only when a cycle ends, or when somebody sets it: it must be what a look before or after says. */
const SETTLED = [
  ['numGc', 'NumGC'],
  ['lastGcUnixSeconds', 'LastGC'],
  ['pauseTotalSeconds', 'PauseTotalNs'],
  ['gcCpuFraction', 'GCCPUFraction'],
  ['liveHeapBytes', 'the live heap'],
  ['gogcPercent', 'GOGC'],
  ['gomemlimitBytes', 'GOMEMLIMIT'],
] as const satisfies readonly (readonly [keyof GoFigures, string])[];
/** What changes at any time, and not by much within a request. */
const MOVING = [
  ['sysBytes', 'Sys'],
  ['heapSysBytes', 'HeapSys'],
  ['stackSysBytes', 'StackSys'],
  ['nextGcBytes', 'NextGC'],
] as const satisfies readonly (readonly [keyof GoFigures, string])[];
/** Decimal digits that a text may have lost. */
const ROUNDING = 1e-9;
const SHARE = 0.05;
const LEAST_BYTES = 2 ** 20;

/**
 * Where what a process tells of its runtime is not what its memory said before and after: the first field that differs, in
 * words; undefined where all that can be compared agrees. Where several cycles ended in between, the middle ones are
 * believed.
 */
export function disagreementOf(before: GoFigures, told: GoFigures, after: GoFigures): string | undefined {
  const cycles = (after.numGc ?? 0) - (before.numGc ?? 0);
  for (const [key, name] of SETTLED) {
    const [low, value, high] = [before[key], told[key], after[key]];
    if (low === undefined || value === undefined || high === undefined) continue;
    const same = (other: number): boolean => Math.abs(value - other) <= ROUNDING * Math.abs(other);
    const between = cycles > 1 && value >= Math.min(low, high) && value <= Math.max(low, high);
    if (!same(low) && !same(high) && !between && !(cycles > 1 && key !== 'numGc')) return differs(name, value, low);
  }
  for (const [key, name] of MOVING) {
    const [low, value, high] = [before[key], told[key], after[key]];
    if (low === undefined || value === undefined || high === undefined) continue;
    const slack = Math.max(LEAST_BYTES, SHARE * Math.max(low, high));
    const moved = key === 'nextGcBytes' && cycles > 1;
    if (!moved && (value < Math.min(low, high) - slack || value > Math.max(low, high) + slack))
      return differs(name, value, low);
  }
  return undefined;
}

function differs(name: string, told: number, read: number): string {
  return `${name} is ${told} by its own account, and ${read} in its memory`;
}
