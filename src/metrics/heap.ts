import { TIME_MEAN, type MetricEntry } from './metric-entry.ts';

/** What the heap holds, as the runtime counts it. */
export const HEAP = {
  'heap.sys': {
    label: 'HeapSys',
    unit: 'bytes',
    better: 'neither',
    reducer: 'largest reading in the window',
    definition:
      'HeapSys: all address space that the heap has ever taken. It practically never shrinks and says nothing about resident memory: never read a saving from it.',
    overTime: true,
  },
  'heap.inuse': {
    label: 'HeapInuse',
    unit: 'bytes',
    better: 'lower',
    reducer: TIME_MEAN,
    definition: 'HeapInuse: spans with at least one object, reachable or not yet swept.',
    overTime: true,
  },
  'heap.live': {
    label: 'live heap',
    unit: 'bytes',
    better: 'neither',
    reducer: 'time-weighted mean over the window, each reading held until the next',
    definition:
      'What the last GC cycle found reachable: from the runtime, else from gctrace, else from the heap goal and GOGC; the first of these that was read three times in the window. It depends on the program and its load, and GOGC should not change it.',
    sourced: 3,
    overTime: true,
  },
  'heap.goal': {
    label: 'heap goal',
    unit: 'bytes',
    better: 'neither',
    reducer: 'time-weighted mean over the window',
    definition:
      'The heap size at which the runtime aims to finish the next cycle: live heap + (live heap + roots) × GOGC ÷ 100, or less under GOMEMLIMIT.',
  },
} as const satisfies Readonly<Record<string, MetricEntry>>;
