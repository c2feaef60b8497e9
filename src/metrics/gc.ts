import type { MetricEntry } from './metric-entry.ts';

const GC_EDGES =
  'over the GC cycles that ended in the window: from the end of the cycle before them to the end of the last one';

/** What the garbage collector takes. */
export const GC = {
  'gc.cpu_window': {
    label: 'GC CPU',
    unit: 'fraction',
    better: 'lower',
    reducer: GC_EDGES,
    definition:
      'CPU time of the garbage collector ÷ (GOMAXPROCS × time), over the GC cycles that ended in the window, from the end of the cycle before them on; without idle-time marking, sweeping and write barriers.',
    withGogc: { direction: -1, words: 'GC CPU should fall as GOGC grows but rises' },
    perTime: true,
    sourced: 4,
    againstGogc: 3,
    overTime: true,
  },
  'gc.cpu_naive': {
    label: 'GCCPUFraction',
    unit: 'fraction',
    better: 'neither',
    reducer: 'the value printed at the end of the window',
    definition:
      'GCCPUFraction as the runtime reports it: the mean since the program started, including start-up, over all GOMAXPROCS whether busy or idle. Shown because it is well known, not because it measures the window.',
    perTime: true,
  },
  'gc.cpu_share': {
    label: 'GC share of CPU used',
    unit: 'fraction',
    better: 'lower',
    reducer: `${GC_EDGES}, ÷ CPU time of the process in the same time`,
    definition:
      'CPU time of the garbage collector ÷ CPU time that the process used: what “the GC costs x %” means to an operator. The runtime counts wall time, so on a crowded machine it is an overestimate.',
    againstGogc: 4,
  },
  'gc.cpu_per_request': {
    label: 'GC CPU per request',
    unit: 'seconds',
    better: 'lower',
    reducer: 'GC share of CPU used × CPU per request',
    definition: 'CPU time that the garbage collector’s own counters see, per completed request or run.',
    work: ['request', 'run'],
    price: true,
  },
  'gc.cycles': {
    label: 'GC cycles',
    unit: 'count',
    better: 'neither',
    reducer: 'difference over the window',
    definition:
      'GC cycles that ended in the window; with fewer than 30, GC CPU is uncertain; with fewer than 5, it is not given.',
    perTime: true,
  },
} as const satisfies Readonly<Record<string, MetricEntry>>;
