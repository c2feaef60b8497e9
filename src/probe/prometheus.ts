import type { ReadingKey } from '../results/format.ts';
import type { Address } from '../runner/runner.ts';
import { httpProbe } from './http-reader.ts';
import type { Figures, Probe } from './probe.ts';

/** Names of client_golang's Go collector, with and without its runtime/metrics extras, and of VictoriaMetrics. */
const names: Readonly<Record<string, ReadingKey>> = {
  go_memstats_heap_alloc_bytes: 'heapAllocBytes',
  go_memstats_heap_sys_bytes: 'heapSysBytes',
  go_memstats_heap_idle_bytes: 'heapIdleBytes',
  go_memstats_heap_inuse_bytes: 'heapInuseBytes',
  go_memstats_heap_released_bytes: 'heapReleasedBytes',
  go_memstats_heap_objects: 'heapObjects',
  go_memstats_stack_inuse_bytes: 'stackInuseBytes',
  go_memstats_stack_sys_bytes: 'stackSysBytes',
  go_memstats_mspan_sys_bytes: 'mspanSysBytes',
  go_memstats_mcache_sys_bytes: 'mcacheSysBytes',
  go_memstats_buck_hash_sys_bytes: 'buckHashSysBytes',
  go_memstats_gc_sys_bytes: 'gcSysBytes',
  go_memstats_other_sys_bytes: 'otherSysBytes',
  go_memstats_sys_bytes: 'sysBytes',
  go_memstats_alloc_bytes_total: 'totalAllocBytes',
  go_memstats_mallocs_total: 'mallocs',
  go_memstats_frees_total: 'frees',
  go_memstats_next_gc_bytes: 'nextGcBytes',
  go_memstats_last_gc_time_seconds: 'lastGcUnixSeconds',
  go_memstats_gc_cpu_fraction: 'gcCpuFraction',
  go_gc_duration_seconds_sum: 'pauseTotalSeconds',
  go_gc_duration_seconds_count: 'numGc',
  go_gc_cycles_total_gc_cycles_total: 'numGc',
  go_gc_cycles_forced_gc_cycles_total: 'numForcedGc',
  go_gc_heap_live_bytes: 'liveHeapBytes',
  go_gc_heap_goal_bytes: 'nextGcBytes',
  go_gc_gogc_percent: 'gogcPercent',
  go_gc_gomemlimit_bytes: 'gomemlimitBytes',
  go_sched_gomaxprocs_threads: 'gomaxprocs',
  go_gc_limiter_last_enabled_gc_cycle: 'limiterLastCycle',
  go_gc_scan_stack_bytes: 'scanStackBytes',
  go_gc_scan_globals_bytes: 'scanGlobalsBytes',
  go_cpu_classes_total_cpu_seconds_total: 'classesTotalCpuSeconds',
  go_cpu_classes_gc_mark_idle_cpu_seconds_total: 'gcIdleCpuSeconds',
  go_gc_heap_allocs_bytes_total: 'totalAllocBytes',
};

/** The series without labels in the text format 0.0.4; values that are no finite number are left out. */
export function parseSeries(text: string): ReadonlyMap<string, number> {
  const series = new Map<string, number>();
  for (const line of text.split('\n')) {
    const match = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{\})?[ \t]+(\S+)/.exec(line);
    if (match === null) continue;
    const value = Number(match[2]);
    if (Number.isFinite(value)) series.set(match[1] ?? '', value);
  }
  return series;
}

/** The Go runtime's figures in a Prometheus page. Throws where there are none. */
export function parsePrometheus(text: string): Figures {
  const series = parseSeries(text);
  const figures: Partial<Record<ReadingKey, number>> = {};
  for (const [name, value] of series) {
    const key = Object.hasOwn(names, name) ? names[name] : undefined;
    if (key !== undefined) figures[key] = value;
  }
  // GOGC=off is uint64(int32(-1)) in runtime/metrics, and so some 1.8e19 here.
  if (figures.gogcPercent !== undefined && figures.gogcPercent > 2 ** 31) figures.gogcPercent = -1;
  const gc = series.get('go_cpu_classes_gc_total_cpu_seconds_total');
  // Idle marking is "free" by the runtime's own definition of GCCPUFraction and stands apart.
  if (gc !== undefined) figures.gcCpuSeconds = gc - (figures.gcIdleCpuSeconds ?? 0);
  Object.assign(figures, fromMemoryClasses(series, figures));
  if (Object.keys(figures).length === 0) throw new Error('the answer has no metrics of the Go runtime');
  return figures;
}

/** What MemStats would say, of `/memory/classes/*`, where only those are shown (Go src/runtime/metrics.go). */
function fromMemoryClasses(series: ReadonlyMap<string, number>, known: Figures): Figures {
  const one = (name: string): number | undefined => series.get(`go_memory_classes_${name}_bytes`);
  const [objects, unused, free, released] = [
    one('heap_objects'),
    one('heap_unused'),
    one('heap_free'),
    one('heap_released'),
  ];
  if (
    known.heapSysBytes !== undefined ||
    objects === undefined ||
    unused === undefined ||
    free === undefined ||
    released === undefined
  )
    return {};
  const sum = (...parts: readonly string[]): number => parts.reduce((total, part) => total + (one(part) ?? 0), 0);
  return {
    heapAllocBytes: objects,
    heapInuseBytes: objects + unused,
    heapIdleBytes: free + released,
    heapReleasedBytes: released,
    heapSysBytes: objects + unused + free + released,
    stackInuseBytes: sum('heap_stacks'),
    stackSysBytes: sum('heap_stacks', 'os_stacks'),
    mspanSysBytes: sum('metadata_mspan_inuse', 'metadata_mspan_free'),
    mcacheSysBytes: sum('metadata_mcache_inuse', 'metadata_mcache_free'),
    gcSysBytes: sum('metadata_other'),
    buckHashSysBytes: sum('profiling_buckets'),
    otherSysBytes: sum('other'),
    sysBytes: sum('total'),
  };
}

/** The Go collector's figures from a Prometheus page. Asks for the plain text format, without compression. */
export function prometheusProbe(address: Address, path: string): Probe {
  return httpProbe('prometheus', address, path, parsePrometheus, { accept: 'text/plain;version=0.0.4' });
}
