import type { MetricEntry } from './metric-entry.ts';

/** How long a target takes that runs to its end. */
export const BATCH = {
  'batch.duration': {
    label: 'duration of a run',
    unit: 'seconds',
    better: 'lower',
    reducer: 'the single run of the trial',
    definition: 'Time from the start of the command to its end.',
    work: ['run'],
    axis: { of: 'cost', rank: 2 },
  },
} as const satisfies Readonly<Record<string, MetricEntry>>;
