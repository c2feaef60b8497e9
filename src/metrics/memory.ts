import { TIME_MEAN, type MetricEntry } from './metric-entry.ts';

/** What memory the process takes, as the kernel and the runtime count it. */
export const MEMORY = {
  'memory.anon': {
    label: 'anonymous memory',
    unit: 'bytes',
    better: 'lower',
    reducer: TIME_MEAN,
    definition:
      'RssAnon (or the cgroup’s anonymous memory): resident memory that is the process’s own, without the pages of its binary and of mapped files; what a smaller GOGC can save.',
    axis: { of: 'memory', rank: 1 },
    withGogc: { direction: 1, words: 'memory should grow with GOGC but falls' },
    sourced: 1,
    againstGogc: 1,
  },
  'memory.anon_peak': {
    label: 'anonymous memory, peak',
    unit: 'bytes',
    better: 'lower',
    reducer: 'largest sample in the window',
    definition:
      'The largest sampled RssAnon: what a memory limit must accommodate. A peak between two samples is not seen.',
    axis: { of: 'memory', rank: 5 },
  },
  'memory.rss': {
    label: 'RSS',
    unit: 'bytes',
    better: 'lower',
    reducer: TIME_MEAN,
    definition: 'VmRSS: all resident memory of the process, with the pages of its binary and of mapped files.',
    axis: { of: 'memory', rank: 2 },
    overTime: true,
  },
  'memory.peak': {
    label: 'RSS, peak since launch',
    unit: 'bytes',
    better: 'lower',
    reducer: 'the kernel’s value at the end of the window',
    definition:
      'VmHWM (or memory.peak of the cgroup): the maximum ever resident since launch, including start-up and warm-up.',
    axis: { of: 'memory', rank: 4 },
  },
  'memory.go': {
    label: 'Go’s memory',
    unit: 'bytes',
    better: 'lower',
    reducer: TIME_MEAN,
    definition:
      'Sys − HeapReleased: memory that the Go runtime has obtained from the system and not returned; the quantity that GOMEMLIMIT limits.',
    axis: { of: 'memory', rank: 3 },
  },
} as const satisfies Readonly<Record<string, MetricEntry>>;
