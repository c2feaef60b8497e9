/** runtime.MemStats field → key and how many make a base unit (Go src/runtime/mstats.go). */
export const MEMSTATS = {
  HeapAlloc: ['heapAllocBytes', 1],
  HeapSys: ['heapSysBytes', 1],
  HeapIdle: ['heapIdleBytes', 1],
  HeapInuse: ['heapInuseBytes', 1],
  HeapReleased: ['heapReleasedBytes', 1],
  HeapObjects: ['heapObjects', 1],
  StackInuse: ['stackInuseBytes', 1],
  StackSys: ['stackSysBytes', 1],
  MSpanSys: ['mspanSysBytes', 1],
  MCacheSys: ['mcacheSysBytes', 1],
  BuckHashSys: ['buckHashSysBytes', 1],
  GCSys: ['gcSysBytes', 1],
  OtherSys: ['otherSysBytes', 1],
  Sys: ['sysBytes', 1],
  TotalAlloc: ['totalAllocBytes', 1],
  Mallocs: ['mallocs', 1],
  Frees: ['frees', 1],
  NextGC: ['nextGcBytes', 1],
  LastGC: ['lastGcUnixSeconds', 1e9],
  PauseTotalNs: ['pauseTotalSeconds', 1e9],
  NumGC: ['numGc', 1],
  NumForcedGC: ['numForcedGc', 1],
  GCCPUFraction: ['gcCpuFraction', 1],
} as const;

/** The figures of MemStats and of its equivalents elsewhere. Base units. */
export const MEMSTATS_KEYS = Object.values(MEMSTATS).map(([key]) => key);

/** What a heap profile with `debug=1` prints as a pair `in use / sys` (Go src/runtime/pprof/pprof.go). */
export const MEMSTATS_PAIRS: Readonly<Record<string, readonly [string, string]>> = {
  Stack: ['StackInuse', 'StackSys'],
  MSpan: ['MSpanInuse', 'MSpanSys'],
  MCache: ['MCacheInuse', 'MCacheSys'],
};

/** The figures that runtime/metrics alone has. */
export const RUNTIME_METRICS_KEYS = [
  'liveHeapBytes',
  'gogcPercent',
  'gomemlimitBytes',
  'gomaxprocs',
  'limiterLastCycle',
  /** cumulative CPU seconds of `/cpu/classes/gc/total` − `gc/mark/idle`, and of `/cpu/classes/total` */
  'gcCpuSeconds',
  'gcIdleCpuSeconds',
  'classesTotalCpuSeconds',
  'scanStackBytes',
  'scanGlobalsBytes',
] as const;

/** The figures of a line of gctrace: one cycle. cycleStartSeconds is since runtime start; CPU excludes idle workers, which stand apart. */
export const GCTRACE_KEYS = [
  'cycle',
  'cycleStartSeconds',
  'cycleGcCpuSeconds',
  'cycleIdleCpuSeconds',
  'cycleStopSeconds',
  'heapStartBytes',
  'heapEndBytes',
  'heapLiveBytes',
  'heapGoalBytes',
  'stacksBytes',
  'globalsBytes',
  'procs',
  'forced',
] as const;

type GoKey = (typeof MEMSTATS_KEYS)[number] | (typeof RUNTIME_METRICS_KEYS)[number] | (typeof GCTRACE_KEYS)[number];

/** What Go's runtime tells at one moment. */
export type GoFigures = Readonly<Partial<Record<GoKey, number>>>;
