import type { MetricEntry } from './metric-entry.ts';

/** How long requests take. */
export const LATENCY = {
  'latency.p50': latency('p50', 'Half of the requests took no longer than this.'),
  'latency.p99': {
    ...latency('p99', '99 of 100 requests took no longer than this.'),
    axis: { of: 'latency', rank: 1 },
  },
  'latency.p999': latency(
    'p99.9',
    '999 of 1000 requests took no longer than this; given from 10,000 requests, ten of which are beyond it.',
  ),
} satisfies Readonly<Record<string, MetricEntry>>;

function latency(quantile: string, meaning: string): MetricEntry {
  return {
    label: `latency ${quantile}`,
    unit: 'seconds',
    better: 'lower',
    work: ['request'],
    reducer: `${quantile} of the requests that fell due in the window`,
    definition: `${meaning} Counted from when a request was due, not from when it was sent, so that a stalled target cannot hide its queue.`,
  };
}
