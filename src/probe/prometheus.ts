import type { ReadingKey } from '../results/format.ts';
import type { Address } from '../runner/runner.ts';
import { httpProbe } from './http-reader.ts';
import type { Figures, Probe } from './probe.ts';

/**
 * Names under which a figure is exposed, best first: by client_golang's Go collector, by its runtime/metrics extras, by
 * VictoriaMetrics. All byte and second figures are in base units there already.
 */
const names: Readonly<Partial<Record<ReadingKey, readonly string[]>>> = {
  heapAllocBytes: ['go_memstats_heap_alloc_bytes'],
  heapSysBytes: ['go_memstats_heap_sys_bytes'],
  heapIdleBytes: ['go_memstats_heap_idle_bytes'],
  heapInuseBytes: ['go_memstats_heap_inuse_bytes'],
  heapReleasedBytes: ['go_memstats_heap_released_bytes'],
  heapObjects: ['go_memstats_heap_objects', 'go_gc_heap_objects_objects'],
  stackInuseBytes: ['go_memstats_stack_inuse_bytes'],
  stackSysBytes: ['go_memstats_stack_sys_bytes'],
  mspanSysBytes: ['go_memstats_mspan_sys_bytes'],
  mcacheSysBytes: ['go_memstats_mcache_sys_bytes'],
  buckHashSysBytes: ['go_memstats_buck_hash_sys_bytes'],
  gcSysBytes: ['go_memstats_gc_sys_bytes'],
  otherSysBytes: ['go_memstats_other_sys_bytes'],
  sysBytes: ['go_memstats_sys_bytes'],
  totalAllocBytes: ['go_memstats_alloc_bytes_total', 'go_gc_heap_allocs_bytes_total'],
  mallocs: ['go_memstats_mallocs_total'],
  frees: ['go_memstats_frees_total'],
  nextGcBytes: ['go_gc_heap_goal_bytes', 'go_memstats_next_gc_bytes'],
  lastGcUnixSeconds: ['go_memstats_last_gc_time_seconds'],
  pauseTotalSeconds: ['go_gc_duration_seconds_sum'],
  // The counter that is read together with the CPU classes comes first: their difference needs whole cycles.
  numGc: ['go_gc_cycles_total_gc_cycles_total', 'go_gc_duration_seconds_count'],
  numForcedGc: ['go_gc_cycles_forced_gc_cycles_total', 'go_gc_forced_count'],
  gcCpuFraction: ['go_memstats_gc_cpu_fraction'],
  liveHeapBytes: ['go_gc_heap_live_bytes'],
  gogcPercent: ['go_gc_gogc_percent'],
  gomemlimitBytes: ['go_gc_gomemlimit_bytes'],
  gomaxprocs: ['go_sched_gomaxprocs_threads', 'go_gomaxprocs'],
  limiterLastCycle: ['go_gc_limiter_last_enabled_gc_cycle'],
  gcIdleCpuSeconds: ['go_cpu_classes_gc_mark_idle_cpu_seconds_total'],
  classesTotalCpuSeconds: ['go_cpu_classes_total_cpu_seconds_total'],
  scanStackBytes: ['go_gc_scan_stack_bytes'],
  scanGlobalsBytes: ['go_gc_scan_globals_bytes'],
};

/** No line of the Go runtime is longer. */
const mostCharacters = 4096;
/**
 * `name{labels} value [timestamp]`, of the Go runtime alone. Label values hold anything, with `\"`, `\\` and `\n`
 * escaped. No two parts can match the same character, so that a hostile line is read in linear time.
 */
const sample = /^(go_[a-zA-Z0-9_:]+)(?:[ \t]*\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\}|(?=[ \t]))(.*)$/;
const decimal = /^[+-]?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})(?:[eE][+-]?\d{1,3})?$/;

/**
 * The Go runtime's series in the text format 0.0.4 by name. Constant labels (an instance, a shard) are looked through; a
 * name with several label sets and none without labels is left out, for nothing tells which one is the target. Values
 * that are no finite number, or negative, are no figures of the runtime and left out.
 */
export function parseGoSeries(text: string): ReadonlyMap<string, number> {
  const plain = new Map<string, number>();
  const labelled = new Map<string, number | undefined>();
  for (const line of text.split('\n')) {
    const match = line.length > mostCharacters ? null : sample.exec(line.trim());
    if (match === null) continue;
    const [, name = '', labels = '', rest = ''] = match;
    const [number = ''] = rest.trim().split(/[ \t]/, 1);
    const value = decimal.test(number) ? Number(number) : NaN;
    if (!Number.isFinite(value) || value < 0) continue;
    if (labels.trim() === '') plain.set(name, value);
    else labelled.set(name, labelled.has(name) ? undefined : value);
  }
  for (const [name, only] of labelled) if (only !== undefined && !plain.has(name)) plain.set(name, only);
  return plain;
}

/** The Go runtime's figures in a Prometheus page. Throws where there are none. */
export function parsePrometheus(text: string): Figures {
  const series = parseGoSeries(text);
  const figures: Partial<Record<ReadingKey, number>> = {};
  for (const [key, candidates] of Object.entries(names)) {
    const name = candidates.find((candidate) => series.has(candidate));
    const value = name === undefined ? undefined : series.get(name);
    if (value !== undefined) figures[key as ReadingKey] = value;
  }
  // GOGC=off is uint64(int32(-1)) in runtime/metrics (Go src/runtime/metrics.go), and so some 1.8e19 here.
  if (figures.gogcPercent !== undefined && figures.gogcPercent > 2 ** 31) figures.gogcPercent = -1;
  const gc = series.get('go_cpu_classes_gc_total_cpu_seconds_total');
  // Idle marking is "free" by the runtime's own definition of GCCPUFraction and stands apart.
  if (gc !== undefined) figures.gcCpuSeconds = Math.max(0, gc - (figures.gcIdleCpuSeconds ?? 0));
  if (figures.heapSysBytes === undefined) Object.assign(figures, fromMemoryClasses(series));
  if (Object.keys(figures).length === 0) throw new Error('the answer has no metrics of the Go runtime');
  return figures;
}

/** MemStats fields as sums of `/memory/classes/*` (Go src/runtime/metrics/doc.go), for pages that show only those. */
const sums = {
  heapAllocBytes: ['heap_objects'],
  heapInuseBytes: ['heap_objects', 'heap_unused'],
  heapIdleBytes: ['heap_free', 'heap_released'],
  heapReleasedBytes: ['heap_released'],
  heapSysBytes: ['heap_objects', 'heap_unused', 'heap_free', 'heap_released'],
  stackInuseBytes: ['heap_stacks'],
  stackSysBytes: ['heap_stacks', 'os_stacks'],
  mspanSysBytes: ['metadata_mspan_inuse', 'metadata_mspan_free'],
  mcacheSysBytes: ['metadata_mcache_inuse', 'metadata_mcache_free'],
  gcSysBytes: ['metadata_other'],
  buckHashSysBytes: ['profiling_buckets'],
  otherSysBytes: ['other'],
  sysBytes: ['total'],
} as const satisfies Partial<Record<ReadingKey, readonly string[]>>;

function fromMemoryClasses(series: ReadonlyMap<string, number>): Figures {
  const figures: Partial<Record<ReadingKey, number>> = {};
  for (const [key, classes] of Object.entries(sums)) {
    const parts = classes.map((name) => series.get(`go_memory_classes_${name}_bytes`));
    // A sum that lacks a part is no figure.
    if (parts.every((part) => part !== undefined)) figures[key as ReadingKey] = parts.reduce((a, b) => a + b, 0);
  }
  return figures;
}

/** The Go collector's figures from a Prometheus page. Asks for the plain text format, without compression. */
export function prometheusProbe(address: Address, path: string): Probe {
  return httpProbe('prometheus', address, path, parsePrometheus, { accept: 'text/plain;version=0.0.4' });
}
