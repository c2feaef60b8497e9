import type { MetricUnit } from '../units/format-units.ts';

/** How a metric is read and judged. */
export interface MetricDefinition {
  readonly id: MetricId;
  /** Short name for a table head or an axis. */
  readonly label: string;
  readonly unit: MetricUnit;
  readonly better: 'lower' | 'higher' | 'neither';
  /** The rule that makes one number of a window's readings. */
  readonly reducer: string;
  /** One sentence for an operator. */
  readonly definition: string;
}

/** Every metric there is. */
export const METRIC_IDS = [
  'memory.anon',
  'memory.anon_peak',
  'memory.rss',
  'memory.peak',
  'memory.go',
  'heap.sys',
  'heap.inuse',
  'heap.live',
  'heap.goal',
  'gc.cpu_window',
  'gc.cpu_naive',
  'gc.cpu_share',
  'gc.cpu_per_request',
  'gc.cycles',
  'cpu.used',
  'cpu.per_request',
  'alloc.rate',
  'alloc.per_request',
  'latency.p50',
  'latency.p99',
  'latency.p999',
  'batch.duration',
] as const;
/** The id of a metric. */
export type MetricId = (typeof METRIC_IDS)[number];

/** What memory is counted in, best source first. */
export const MEMORY_METRICS: readonly MetricId[] = ['memory.anon', 'memory.rss', 'memory.go', 'memory.peak'];
/** What memory is paid with, best first. */
export const COST_METRICS: readonly MetricId[] = ['cpu.per_request', 'batch.duration', 'cpu.used'];

type Entry = Omit<MetricDefinition, 'id'>;

const memory = (label: string, reducer: string, definition: string, better: Entry['better'] = 'lower'): Entry => ({
  label,
  unit: 'bytes',
  better,
  reducer,
  definition,
});

const TIME_MEAN = 'time-weighted mean over the window';
const GC_EDGES =
  'over the GC cycles that ended in the window: from the end of the cycle before them to the end of the last one';

const ENTRIES: Readonly<Record<MetricId, Entry>> = {
  'memory.anon': memory(
    'anonymous memory',
    TIME_MEAN,
    'RssAnon (or the cgroup’s anonymous memory): resident memory that is the process’s own, without the pages of its binary and of mapped files; what a smaller GOGC can save.',
  ),
  'memory.anon_peak': memory(
    'anonymous memory, peak',
    'largest sample in the window',
    'The largest sampled RssAnon: what a memory limit must hold; a peak between two samples is not seen.',
  ),
  'memory.rss': memory(
    'RSS',
    TIME_MEAN,
    'VmRSS: all resident memory of the process, with the pages of its binary and of mapped files.',
  ),
  'memory.peak': memory(
    'RSS, peak since launch',
    'the kernel’s value at the end of the window',
    'VmHWM (or memory.peak of the cgroup): the most that was ever resident since launch, start-up and warm-up included.',
  ),
  'memory.go': memory(
    'Go’s memory',
    TIME_MEAN,
    'Sys − HeapReleased: what the Go runtime holds of the system and has not given back; the quantity that GOMEMLIMIT limits.',
  ),
  'heap.sys': memory(
    'HeapSys',
    'largest reading in the window',
    'HeapSys: address space that the heap has ever taken. It practically never falls, and says nothing about what is resident: never read a saving from it.',
    'neither',
  ),
  'heap.inuse': memory(
    'HeapInuse',
    TIME_MEAN,
    'HeapInuse: spans with at least one object, reachable or not yet swept.',
  ),
  'heap.live': memory(
    'live heap',
    'time-weighted mean over the window, each reading held until the next',
    'What the last GC cycle found reachable: as the runtime tells it, else of gctrace, else from the heap goal and GOGC; the first of these that was read three times in the window. It belongs to the program and its load, and GOGC should not change it.',
    'neither',
  ),
  'heap.goal': memory(
    'heap goal',
    'time-weighted mean over the window',
    'The heap size at which the runtime means to have finished the next cycle: live heap + (live heap + roots) × GOGC ÷ 100, or less under GOMEMLIMIT.',
    'neither',
  ),
  'gc.cpu_window': {
    label: 'GC CPU',
    unit: 'fraction',
    better: 'lower',
    reducer: GC_EDGES,
    definition:
      'CPU time of the garbage collector ÷ (GOMAXPROCS × time), over the GC cycles that ended in the window, from the end of the cycle before them on; without idle-time marking, sweeping and write barriers.',
  },
  'gc.cpu_naive': {
    label: 'GCCPUFraction',
    unit: 'fraction',
    better: 'neither',
    reducer: 'the value printed at the end of the window',
    definition:
      'GCCPUFraction as the runtime prints it: the mean since the program began, start-up included, over all GOMAXPROCS whether busy or idle. Shown because people know it, not because it measures the window.',
  },
  'gc.cpu_share': {
    label: 'GC share of CPU used',
    unit: 'fraction',
    better: 'lower',
    reducer: `${GC_EDGES}, ÷ CPU time of the process in the same time`,
    definition:
      'CPU time of the garbage collector ÷ CPU time that the process used: what “the GC costs x %” means to an operator. The runtime counts wall time, so on a crowded machine it is an overestimate.',
  },
  'gc.cpu_per_request': {
    label: 'GC CPU per request',
    unit: 'seconds',
    better: 'lower',
    reducer: 'GC share of CPU used × CPU per request',
    definition: 'CPU time that the garbage collector’s own counters see, per completed request or run.',
  },
  'gc.cycles': {
    label: 'GC cycles',
    unit: 'count',
    better: 'neither',
    reducer: 'difference over the window',
    definition:
      'GC cycles that ended in the window; under 30 the figures on GC CPU are unsure, under 5 none are given.',
  },
  'cpu.used': {
    label: 'CPU used',
    unit: 'cores',
    better: 'lower',
    reducer: 'difference over the window, ÷ its length',
    definition: 'CPU time of the process or its cgroup, user and system, per second: 1.0 is one core kept busy.',
  },
  'cpu.per_request': {
    label: 'CPU per request',
    unit: 'seconds',
    better: 'lower',
    reducer: 'difference over the window, ÷ requests completed per second × its length (or runs)',
    definition:
      'CPU time of the whole process per completed request or run: the full price of a GOGC, with the write barriers, sweeping and cache misses that no GC counter sees.',
  },
  'alloc.rate': {
    label: 'allocation rate',
    unit: 'bytes-per-second',
    better: 'neither',
    reducer: 'difference over the window, ÷ its length',
    definition: 'Growth of TotalAlloc per second; with the GOGC it sets how often the collector runs.',
  },
  'alloc.per_request': memory(
    'allocated per request',
    'difference over the window, ÷ completed requests (or runs)',
    'Growth of TotalAlloc per completed request or run; GOGC should not change it, so a difference means that the cells did not do the same work.',
    'neither',
  ),
  'latency.p50': latency('p50', 'Half of the requests took no longer.'),
  'latency.p99': latency('p99', '99 of 100 requests took no longer.'),
  'latency.p999': latency(
    'p99.9',
    '999 of 1000 requests took no longer; given from 10,000 requests on, of which ten lie beyond it.',
  ),
  'batch.duration': {
    label: 'duration of a run',
    unit: 'seconds',
    better: 'lower',
    reducer: 'the one run of the trial',
    definition: 'Time from the start of the command to its end.',
  },
};

function latency(quantile: string, meaning: string): Entry {
  return {
    label: `latency ${quantile}`,
    unit: 'seconds',
    better: 'lower',
    reducer: `${quantile} of the requests that fell due in the window`,
    definition: `${meaning} Counted from when a request was due, not from when it was sent, so that a stalled target cannot hide its queue.`,
  };
}

/** The registry: how each metric is read, shown and judged. */
export const METRICS: Readonly<Record<MetricId, MetricDefinition>> = Object.fromEntries(
  METRIC_IDS.map((id) => [id, { id, ...ENTRIES[id] }]),
) as Record<MetricId, MetricDefinition>;
