/** How a metric is read and judged. */
export interface MetricDefinition {
  readonly id: MetricId;
  /** Short name for a table head or an axis. */
  readonly label: string;
  readonly unit: 'bytes' | 'seconds' | 'fraction' | 'cores' | 'count' | 'per-second' | 'bytes-per-second';
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
