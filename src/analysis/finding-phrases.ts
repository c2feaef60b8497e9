import type { MetricDefinition, MetricId } from '../experiment/metrics.ts';
import type { CellAnalysis, Contrast } from './analysis.ts';
import { sideOf } from './noise-floor.ts';
import { intervalOnly, quantity, relativeChange, relativeInterval, withInterval } from './words.ts';

/** What the finding calls each metric in the middle of a sentence. */
export const METRIC_WORDS: Readonly<Record<MetricId, string>> = {
  'memory.anon': 'RssAnon',
  'memory.anon_peak': 'peak RssAnon',
  'memory.rss': 'RSS',
  'memory.peak': 'peak RSS',
  'memory.go': 'memory held by Go',
  'heap.sys': 'HeapSys',
  'heap.inuse': 'HeapInuse',
  'heap.live': 'live heap',
  'heap.goal': 'heap goal',
  'gc.cpu_window': 'GC CPU',
  'gc.cpu_naive': 'GCCPUFraction',
  'gc.cpu_share': 'GC share of CPU',
  'gc.cpu_per_request': 'GC CPU per request',
  'gc.cycles': 'GC cycles',
  'cpu.used': 'CPU',
  'cpu.per_request': 'CPU per request',
  'alloc.rate': 'allocation rate',
  'alloc.per_request': 'allocation per request',
  'latency.p50': 'p50 latency',
  'latency.p99': 'p99 latency',
  'latency.p999': 'p99.9 latency',
  'batch.duration': 'run time',
};

/** `saves 4.1 MiB (3.8–4.4) of 12.3 MiB RssAnon`, `takes …`, or that no difference is shown. */
export function memoryPhrase(contrast: Contrast, baseline: CellAnalysis): string {
  const { difference, metric } = contrast;
  const what = METRIC_WORDS[metric];
  const level = baseline.estimates[metric];
  const of = level === undefined ? what : `${quantity(level.value, 'bytes')} ${what}`;
  switch (sideOf(difference, 0)) {
    case 'below':
      return `saves ${withInterval(difference, 'bytes', true)} of ${of}`;
    case 'above':
      return `takes ${withInterval(difference, 'bytes')} on top of ${of}`;
    case 'unknown':
      return difference.value < 0
        ? `measured ${withInterval(difference, 'bytes', true)} less of ${of}`
        : `measured ${withInterval(difference, 'bytes')} on top of ${of}`;
    case 'includes':
      return `has no difference shown in ${what} (${intervalOnly(difference.low as number, difference.high as number, 'bytes')})`;
  }
}

/** `costs +6.1 % CPU per request (4.9–7.4)`, `saves …`, or that no difference is shown. */
export function costPhrase(contrast: Contrast): string {
  const { ratio, difference, metric } = contrast;
  const what = METRIC_WORDS[metric];
  if (ratio === undefined) {
    const unit = UNITS[metric] ?? 'count';
    if (sideOf(difference, 0) !== 'includes') return `changes ${what} by ${withInterval(difference, unit)}`;
    return `has no difference shown in ${what} (${intervalOnly(difference.low as number, difference.high as number, unit)})`;
  }
  switch (sideOf(ratio, 1)) {
    case 'below':
      return `saves ${relativeChange(ratio, what, true)}`;
    case 'above':
      return `costs ${relativeChange(ratio, what)}`;
    case 'unknown':
      return `measured ${relativeChange(ratio, what)}`;
    case 'includes':
      return `has no difference shown in ${what} (${relativeInterval(ratio.low as number, ratio.high as number)})`;
  }
}

const UNITS: Readonly<Partial<Record<MetricId, MetricDefinition['unit']>>> = {
  'cpu.used': 'cores',
  'cpu.per_request': 'seconds',
  'batch.duration': 'seconds',
};
