import type { Reading, ReadingKey } from '../results/format.ts';
import { timeMean } from '../statistics/time-mean.ts';
import type { Composition } from './analysis.ts';
import { residentMean } from './memory-figures.ts';
import type { MeasuredTrial } from './trial-readings.ts';
import { INSIDE_PROBES } from '../experiment/probe-ids.ts';
import { readingsInWindow } from './trial-readings.ts';

/** The parts of one trial's memory: time means over the window, in bytes. */
export type MemoryParts = { readonly [Part in keyof Composition]: number | undefined };

const NEEDED = [
  'heapAllocBytes',
  'heapInuseBytes',
  'heapIdleBytes',
  'heapReleasedBytes',
  'stackSysBytes',
  'mspanSysBytes',
  'mcacheSysBytes',
  'buckHashSysBytes',
  'gcSysBytes',
  'otherSysBytes',
] as const satisfies readonly ReadingKey[];
type Counters = Readonly<Record<(typeof NEEDED)[number], number>>;

/**
 * Where a trial's memory was. The parts but `released` and `outsideGo` add up to Sys − HeapReleased, and with
 * `outsideGo` to RSS, exactly: each is a time mean over the same readings. Undefined without MemStats.
 */
export function memoryParts(trial: MeasuredTrial): (MemoryParts & { readonly objects: number }) | undefined {
  for (const probe of INSIDE_PROBES) {
    const readings = readingsInWindow(trial, probe).filter((reading) => hasAll(reading));
    if (readings.length === 0) continue;
    const mean = (part: (counters: Counters) => number): number => {
      const points = readings.map(({ at, v }) => ({ at, value: part(v as Counters) }));
      return timeMean(points, trial.window) as number;
    };
    const parts = {
      objects: mean((v) => v.heapAllocBytes),
      unusedInSpans: mean((v) => v.heapInuseBytes - v.heapAllocBytes),
      retainedIdle: mean((v) => v.heapIdleBytes - v.heapReleasedBytes),
      stacks: mean((v) => v.stackSysBytes),
      metadata: mean((v) => v.mspanSysBytes + v.mcacheSysBytes + v.buckHashSysBytes + v.gcSysBytes + v.otherSysBytes),
      released: mean((v) => v.heapReleasedBytes),
    };
    const go = parts.objects + parts.unusedInSpans + parts.retainedIdle + parts.stacks + parts.metadata;
    const rss = residentMean(trial)?.value;
    return { ...parts, rss, outsideGo: rss === undefined ? undefined : rss - go };
  }
  return undefined;
}

function hasAll(reading: Reading): boolean {
  return NEEDED.every((key) => Number.isFinite(reading.v[key]));
}
