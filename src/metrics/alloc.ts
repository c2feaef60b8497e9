import type { MetricEntry } from './metric-entry.ts';

/** What the program allocates. */
export const ALLOC = {
  'alloc.rate': {
    label: 'allocation rate',
    unit: 'bytes-per-second',
    better: 'neither',
    reducer: 'difference over the window, ÷ its length',
    definition: 'Growth of TotalAlloc per second; together with GOGC, it determines how often the collector runs.',
    perTime: true,
  },
  'alloc.per_request': {
    label: 'allocated per request',
    unit: 'bytes',
    better: 'neither',
    betweenPrograms: 'lower',
    reducer: 'difference over the window, ÷ completed requests (or runs)',
    definition:
      'Growth of TotalAlloc per completed request or run. GOGC should not change it, so a difference means that the cells did not do the same work.',
    work: ['request', 'run'],
  },
} as const satisfies Readonly<Record<string, MetricEntry>>;
