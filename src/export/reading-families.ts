import type { ReadingKey } from '../results/format.ts';
import type { Family } from './exposition.ts';

/** Who gave a quantity the name that it has here, behind our prefix. */
export type NamedBy = 'client_golang' | 'OpenTelemetry' | 'VictoriaMetrics' | 'cAdvisor' | 'gctune';

/** A family of readings. */
export interface ReadingFamily extends Family {
  readonly namedBy: NamedBy;
}

/**
 * Everything that is read of a daemon is exported under the name that its own page of metrics would have for it, behind
 * `gctune_`: that of client_golang, else that of whoever else exposes the same quantity. Without the prefix rules and alerts
 * for `process_…` and `go_…` would take an experiment for production.
 */
const PREFIX = 'gctune_';

function gauge(namedBy: NamedBy, name: string, help: string): ReadingFamily {
  const unit = unitOf(name);
  return { namedBy, name: `${PREFIX}${name}`, type: 'gauge', ...(unit === undefined ? {} : { unit }), help };
}

function counter(namedBy: NamedBy, name: string, help: string): ReadingFamily {
  return { ...gauge(namedBy, name, help), type: 'counter' };
}

/** What names end in that is a unit. */
function unitOf(name: string): string | undefined {
  return ['bytes', 'seconds', 'percent', 'threads'].find((unit) => name.endsWith(`_${unit}`));
}

/** The family of each figure that a reading can hold. */
export const READING_FAMILIES: Readonly<Record<ReadingKey, ReadingFamily>> = {
  rssBytes: gauge('client_golang', 'process_resident_memory_bytes', 'Resident memory of the process (VmRSS).'),
  rssAnonBytes: gauge(
    'VictoriaMetrics',
    'process_resident_memory_anon_bytes',
    'Its own resident memory (RssAnon): what a smaller GOGC can save.',
  ),
  rssFileBytes: gauge(
    'VictoriaMetrics',
    'process_resident_memory_file_bytes',
    'Resident pages of its binary and of mapped files (RssFile).',
  ),
  peakRssBytes: gauge(
    'VictoriaMetrics',
    'process_resident_memory_peak_bytes',
    'The most that was ever resident since its launch (VmHWM).',
  ),
  swapBytes: gauge('gctune', 'process_swap_bytes', 'Memory of the process that is swapped out (VmSwap).'),
  cpuSeconds: counter('client_golang', 'process_cpu_seconds', 'CPU time of the process, user and system.'),
  threads: gauge('VictoriaMetrics', 'process_num_threads', 'Threads of the process.'),
  stopped: gauge('gctune', 'process_stopped', '1 where the process was stopped by a signal or a debugger.'),
  cgroupAnonBytes: gauge('cAdvisor', 'container_memory_rss', 'Anonymous memory of the container or cgroup, in bytes.'),
  cgroupUsageBytes: gauge(
    'cAdvisor',
    'container_memory_usage_bytes',
    'Memory that is charged to the container or cgroup, page cache included.',
  ),
  cgroupPeakBytes: gauge('cAdvisor', 'container_memory_max_usage_bytes', 'The most that was ever charged to it.'),
  cgroupFileBytes: gauge('cAdvisor', 'container_memory_cache', 'Its page cache, tmpfs included, in bytes.'),
  fileRefaults: counter(
    'gctune',
    'container_memory_file_refaults',
    'Pages of its page cache that were dropped and read again.',
  ),
  anonRefaults: counter(
    'gctune',
    'container_memory_anon_refaults',
    'Pages of it that were swapped out and read again.',
  ),
  memoryPressureSeconds: counter(
    'cAdvisor',
    'container_pressure_memory_waiting_seconds',
    'Time in which some thread of it waited for memory (PSI).',
  ),
  memoryStallSeconds: counter(
    'cAdvisor',
    'container_pressure_memory_stalled_seconds',
    'Time in which all threads of it waited for memory (PSI).',
  ),
  cpuPressureSeconds: counter(
    'cAdvisor',
    'container_pressure_cpu_waiting_seconds',
    'Time in which some thread of it waited for a CPU (PSI).',
  ),
  cgroupHighBytes: gauge('gctune', 'container_memory_high_bytes', 'memory.high, above which the kernel slows it down.'),
  highEvents: counter(
    'gctune',
    'container_memory_high_events',
    'How often it was slowed down for being above memory.high.',
  ),
  cgroupCpuSeconds: counter('cAdvisor', 'container_cpu_usage_seconds', 'CPU time of the container or cgroup.'),
  throttledSeconds: counter(
    'cAdvisor',
    'container_cpu_cfs_throttled_seconds',
    'Time in which its quota of CPU was used up.',
  ),
  throttledPeriods: counter(
    'cAdvisor',
    'container_cpu_cfs_throttled_periods',
    'Periods in which its quota of CPU was used up.',
  ),
  periods: counter('cAdvisor', 'container_cpu_cfs_periods', 'Periods of its quota of CPU.'),
  oomKills: counter('cAdvisor', 'container_oom_events', 'Processes of it that were OOM-killed.'),
  heapAllocBytes: gauge(
    'client_golang',
    'go_memstats_heap_alloc_bytes',
    'HeapAlloc: objects, reachable or not yet swept.',
  ),
  heapSysBytes: gauge(
    'client_golang',
    'go_memstats_heap_sys_bytes',
    'HeapSys: address space that the heap has ever taken.',
  ),
  heapIdleBytes: gauge(
    'client_golang',
    'go_memstats_heap_idle_bytes',
    'HeapIdle: spans without objects, returned to the system or not.',
  ),
  heapInuseBytes: gauge('client_golang', 'go_memstats_heap_inuse_bytes', 'HeapInuse: spans with at least one object.'),
  heapReleasedBytes: gauge(
    'client_golang',
    'go_memstats_heap_released_bytes',
    'HeapReleased: memory that was returned to the system.',
  ),
  heapObjects: gauge('client_golang', 'go_memstats_heap_objects', 'Objects on the heap.'),
  stackInuseBytes: gauge('client_golang', 'go_memstats_stack_inuse_bytes', 'StackInuse: stacks of goroutines.'),
  stackSysBytes: gauge(
    'client_golang',
    'go_memstats_stack_sys_bytes',
    'StackSys: stacks of goroutines and of threads.',
  ),
  mspanSysBytes: gauge('client_golang', 'go_memstats_mspan_sys_bytes', 'MSpanSys: the runtime’s books of spans.'),
  mcacheSysBytes: gauge('client_golang', 'go_memstats_mcache_sys_bytes', 'MCacheSys: caches of the allocator.'),
  buckHashSysBytes: gauge('client_golang', 'go_memstats_buck_hash_sys_bytes', 'BuckHashSys: tables of the profiler.'),
  gcSysBytes: gauge('client_golang', 'go_memstats_gc_sys_bytes', 'GCSys: the collector’s own memory.'),
  otherSysBytes: gauge('client_golang', 'go_memstats_other_sys_bytes', 'OtherSys: what else the runtime takes.'),
  sysBytes: gauge(
    'client_golang',
    'go_memstats_sys_bytes',
    'Sys: all address space that the runtime has of the system.',
  ),
  totalAllocBytes: counter(
    'client_golang',
    'go_memstats_alloc_bytes',
    'TotalAlloc: bytes that were ever allocated on the heap.',
  ),
  mallocs: counter('client_golang', 'go_memstats_mallocs', 'Objects that were ever allocated.'),
  frees: counter('client_golang', 'go_memstats_frees', 'Objects that were ever freed.'),
  nextGcBytes: gauge('client_golang', 'go_memstats_next_gc_bytes', 'NextGC: the heap goal.'),
  lastGcUnixSeconds: gauge(
    'client_golang',
    'go_memstats_last_gc_time_seconds',
    'When the last GC cycle ended, in seconds since 1970.',
  ),
  pauseTotalSeconds: counter('gctune', 'go_gc_pause_seconds', 'Time in which a GC cycle had stopped the world.'),
  numGc: counter('client_golang', 'go_gc_cycles_total_gc_cycles', 'GC cycles that have ended.'),
  numForcedGc: counter('client_golang', 'go_gc_cycles_forced_gc_cycles', 'GC cycles that the program asked for.'),
  gcCpuFraction: gauge(
    'client_golang',
    'go_memstats_gc_cpu_fraction',
    'GCCPUFraction: the mean since the program began; for a share over time take gctune_gc_cpu_seconds_total.',
  ),
  liveHeapBytes: gauge('client_golang', 'go_gc_heap_live_bytes', 'What the last GC cycle found reachable.'),
  gogcPercent: gauge('client_golang', 'go_gc_gogc_percent', 'GOGC in force; -1 is off.'),
  gomemlimitBytes: gauge('client_golang', 'go_gc_gomemlimit_bytes', 'GOMEMLIMIT in force.'),
  gomaxprocs: gauge('client_golang', 'go_sched_gomaxprocs_threads', 'GOMAXPROCS in force.'),
  limiterLastCycle: gauge(
    'client_golang',
    'go_gc_limiter_last_enabled_gc_cycle',
    'The last GC cycle in which the CPU limiter was on.',
  ),
  gcCpuSeconds: counter(
    'gctune',
    'gc_cpu_seconds',
    'CPU time of the garbage collector without idle-time marking: as the runtime counts it, else from GCCPUFraction at the end of each cycle, else the sum of the cycles of gctrace.',
  ),
  gcIdleCpuSeconds: counter(
    'client_golang',
    'go_cpu_classes_gc_mark_idle_cpu_seconds',
    'CPU time of marking on CPUs that had nothing else to do.',
  ),
  classesTotalCpuSeconds: counter(
    'client_golang',
    'go_cpu_classes_total_cpu_seconds',
    'GOMAXPROCS × time, as the runtime counts it.',
  ),
  scanStackBytes: gauge('client_golang', 'go_gc_scan_stack_bytes', 'Stacks that the last GC cycle scanned.'),
  scanGlobalsBytes: gauge('client_golang', 'go_gc_scan_globals_bytes', 'Global variables that can be scanned.'),
  readSeconds: gauge('gctune', 'read_seconds', 'How long the reading itself took.'),
  cycle: counter('gctune', 'gctrace_cycles', 'GC cycles by their number in gctrace.'),
  cycleStartSeconds: gauge('gctune', 'gctrace_cycle_start_seconds', 'When the cycle began, since the runtime started.'),
  cycleGcCpuSeconds: gauge('gctune', 'gctrace_cycle_cpu_seconds', 'CPU time of the cycle without idle-time marking.'),
  cycleIdleCpuSeconds: gauge('gctune', 'gctrace_cycle_idle_cpu_seconds', 'CPU time of its idle-time marking.'),
  cycleStopSeconds: gauge('gctune', 'gctrace_cycle_stop_seconds', 'Time for which it stopped the world.'),
  heapStartBytes: gauge('gctune', 'gctrace_heap_start_bytes', 'The heap when the cycle began.'),
  heapEndBytes: gauge('gctune', 'gctrace_heap_end_bytes', 'The heap when the cycle ended.'),
  heapLiveBytes: gauge('gctune', 'gctrace_heap_live_bytes', 'What the cycle found reachable, in whole MiB.'),
  heapGoalBytes: gauge('gctune', 'gctrace_heap_goal_bytes', 'The heap goal of the cycle.'),
  stacksBytes: gauge('gctune', 'gctrace_stacks_bytes', 'Stacks that the cycle scanned.'),
  globalsBytes: gauge('gctune', 'gctrace_globals_bytes', 'Global variables that the cycle scanned.'),
  procs: gauge('gctune', 'gctrace_gomaxprocs_threads', 'GOMAXPROCS of the cycle.'),
  forced: gauge('gctune', 'gctrace_forced', '1 where the program asked for the cycle.'),
};

/** Sys − HeapReleased by its kind: what GOMEMLIMIT limits. */
export const MEMORY_USED = gauge(
  'OpenTelemetry',
  'go_memory_used_bytes',
  'Go’s memory (go.memory.used): Sys − HeapReleased, by go_memory_type; their sum is what GOMEMLIMIT limits.',
);

/** When the readings of a trial count. */
export const MEASURING = gauge(
  'gctune',
  'trial_measuring',
  '1 in the window in which the readings of a trial count, else 0.',
);

/** Every family of readings, in the order in which they are written. */
export const ALL_READING_FAMILIES: readonly ReadingFamily[] = [
  MEASURING,
  MEMORY_USED,
  ...Object.values(READING_FAMILIES),
];
