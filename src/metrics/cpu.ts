import type { MetricEntry } from './metric-entry.ts';

/** What CPU time the process takes. */
export const CPU = {
  'cpu.used': {
    label: 'CPU used',
    unit: 'cores',
    better: 'lower',
    reducer: 'difference over the window, ÷ its length',
    definition: 'CPU time of the process or its cgroup, user and system, per second: 1.0 is one busy core.',
    axis: { of: 'cost', rank: 3 },
    perTime: true,
    price: true,
    sourced: 2,
  },
  'cpu.per_request': {
    label: 'CPU per request',
    unit: 'seconds',
    better: 'lower',
    reducer: 'difference over the window, ÷ requests completed per second × its length (or runs)',
    definition:
      'CPU time of the whole process per completed request or run: the full price of a GOGC, including the write barriers, sweeping and cache misses that no GC counter sees.',
    work: ['request', 'run'],
    axis: { of: 'cost', rank: 1 },
    price: true,
    againstGogc: 2,
  },
} as const satisfies Readonly<Record<string, MetricEntry>>;
