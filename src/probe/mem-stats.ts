import type { ReadingKey } from '../results/format.ts';
import type { Figures } from './probe.ts';

/** runtime.MemStats field → key and how many make a base unit (Go src/runtime/mstats.go). */
const fields: Readonly<Record<string, readonly [key: ReadingKey, perUnit: number]>> = {
  HeapAlloc: ['heapAllocBytes', 1],
  HeapSys: ['heapSysBytes', 1],
  HeapIdle: ['heapIdleBytes', 1],
  HeapInuse: ['heapInuseBytes', 1],
  HeapReleased: ['heapReleasedBytes', 1],
  HeapObjects: ['heapObjects', 1],
  StackInuse: ['stackInuseBytes', 1],
  StackSys: ['stackSysBytes', 1],
  MSpanSys: ['mspanSysBytes', 1],
  MCacheSys: ['mcacheSysBytes', 1],
  BuckHashSys: ['buckHashSysBytes', 1],
  GCSys: ['gcSysBytes', 1],
  OtherSys: ['otherSysBytes', 1],
  Sys: ['sysBytes', 1],
  TotalAlloc: ['totalAllocBytes', 1],
  Mallocs: ['mallocs', 1],
  Frees: ['frees', 1],
  NextGC: ['nextGcBytes', 1],
  LastGC: ['lastGcUnixSeconds', 1e9],
  PauseTotalNs: ['pauseTotalSeconds', 1e9],
  NumGC: ['numGc', 1],
  NumForcedGC: ['numForcedGc', 1],
  GCCPUFraction: ['gcCpuFraction', 1],
};

/** The figures of a MemStats given as names and numbers; names that are not known are left out. */
export function memStatsFigures(stats: Iterable<readonly [string, unknown]>): Figures {
  const figures: Partial<Record<ReadingKey, number>> = {};
  for (const [name, value] of stats) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field === undefined || typeof value !== 'number' || !Number.isFinite(value) || value < 0) continue;
    figures[field[0]] = value / field[1];
  }
  return figures;
}

/** Whether figures hold what a reconciliation of memory needs. */
export function hasMemStats(figures: Figures | undefined): boolean {
  return figures?.heapSysBytes !== undefined && figures.sysBytes !== undefined;
}
