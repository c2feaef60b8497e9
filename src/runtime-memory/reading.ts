import type { GoFigures } from '../go/counters.ts';
import { LEAST_RUNWAY_BYTES } from '../go/pacer.ts';
import type { Controller, CpuStats, Limiter, Stats, Work } from './variables.ts';

/** What the runtime of a process says at one moment. */
export interface RuntimeReading {
  /** What MemStats and runtime/metrics would say. CPU time is as of the end of the last cycle. */
  readonly figures: GoFigures;
  /** CPU time by class, in nanoseconds; undefined before the first cycle, and on Go 1.19. */
  readonly cpu: CpuStats | undefined;
  /** Where the next cycle is to end by GOGC alone, in bytes; Infinity with GOGC=off. */
  readonly gogcGoalBytes: number;
  /** And by the memory limit alone; Infinity without one. It sets the goal where it is the smaller. */
  readonly limitGoalBytes: number;
  /** Whether the collector is kept below half of the CPUs right now, which means that it cannot keep up. */
  readonly limiterOn: boolean | undefined;
}

/** The runtime's variables, read as nearly at one moment as they can be. */
export interface Snapshot {
  readonly controller: Controller;
  readonly stats: Stats;
  readonly objects: { readonly mallocs: number; readonly frees: number };
  /** Undefined before the first cycle. */
  readonly work: Work | undefined;
  readonly limiter: Limiter | undefined;
}

/** A value of all ones. */
const NONE = 2 ** 64;
/** No limit is 2^63 − 1. */
const NO_LIMIT = 2 ** 63;
const NANOSECONDS = 1e9;
/** memoryLimitMinHeapGoalHeadroom */
const LEAST_HEADROOM = 2 ** 20;

/** What a snapshot means, in the terms of MemStats and runtime/metrics (Go src/runtime/mstats.go, readmemstats_m; metrics.go). */
export function readingOf(
  { controller: c, stats, objects, work, limiter }: Snapshot,
  headroomPercent: number,
): RuntimeReading {
  const heapIdle = c.heapFree + c.heapReleased;
  const gcSys = stats.gcMiscSys + stats.inWorkBufs + stats.inPtrScalarBits;
  const stackSys = stats.inStacks + stats.stacksSys;
  const goals = goalsOf(c, headroomPercent);
  const procs = limiter?.nprocs ?? work?.maxprocs;
  const figures: GoFigures = {
    heapAllocBytes: c.totalAlloc - c.totalFree,
    heapSysBytes: c.heapInUse + heapIdle,
    heapIdleBytes: heapIdle,
    heapInuseBytes: c.heapInUse,
    heapReleasedBytes: c.heapReleased,
    heapObjects: objects.mallocs - objects.frees,
    stackInuseBytes: stats.inStacks,
    stackSysBytes: stackSys,
    mspanSysBytes: stats.mspanSys,
    mcacheSysBytes: stats.mcacheSys,
    buckHashSysBytes: stats.buckhashSys,
    gcSysBytes: gcSys,
    otherSysBytes: stats.otherSys,
    sysBytes:
      c.heapInUse + heapIdle + stackSys + gcSys + stats.mspanSys + stats.mcacheSys + stats.buckhashSys + stats.otherSys,
    totalAllocBytes: c.totalAlloc,
    mallocs: objects.mallocs,
    frees: objects.frees,
    nextGcBytes: goals.inForce,
    lastGcUnixSeconds: stats.lastGcUnix / NANOSECONDS,
    pauseTotalSeconds: stats.pauseTotalNs / NANOSECONDS,
    numGc: stats.numgc,
    numForcedGc: stats.numforcedgc,
    gcCpuFraction: stats.gcCpuFraction,
    // Nothing was marked yet before the first cycle.
    ...(stats.numgc === 0 ? {} : { liveHeapBytes: c.heapMarked }),
    gogcPercent: c.gcPercent,
    gomemlimitBytes: c.memoryLimit,
    ...(procs === undefined ? {} : { gomaxprocs: procs }),
    ...(limiter === undefined ? {} : { limiterLastCycle: limiter.lastEnabledCycle }),
    ...cpuFigures(work, stats),
    scanStackBytes: c.lastStackScan,
    scanGlobalsBytes: c.globalsScan,
  };
  return {
    figures,
    cpu: work?.cpuStats,
    gogcGoalBytes: goals.byGogc,
    limitGoalBytes: goals.byLimit,
    limiterOn: limiter?.enabled,
  };
}

function cpuFigures(work: Work | undefined, stats: Stats): GoFigures {
  if (stats.numgc === 0) return { gcCpuSeconds: 0, gcIdleCpuSeconds: 0, classesTotalCpuSeconds: 0 };
  if (work?.cpuStats !== undefined) {
    const { gcTotal, idleMark, total } = work.cpuStats;
    return {
      gcCpuSeconds: (gcTotal - idleMark) / NANOSECONDS,
      gcIdleCpuSeconds: idleMark / NANOSECONDS,
      classesTotalCpuSeconds: total / NANOSECONDS,
    };
  }
  // Go 1.19 computes its fraction as this time over all the time of its Ps, at the same moment.
  if (work?.totaltime === undefined || stats.gcCpuFraction <= 0) return {};
  return {
    gcCpuSeconds: work.totaltime / NANOSECONDS,
    classesTotalCpuSeconds: work.totaltime / stats.gcCpuFraction / NANOSECONDS,
  };
}

/** The heap goal as `heapGoalInternal` computes it (Go src/runtime/mgcpacer.go). */
function goalsOf(
  c: Controller,
  headroomPercent: number,
): { readonly byGogc: number; readonly byLimit: number; readonly inForce: number } {
  const byGogc = c.gcPercentHeapGoal >= NONE ? Infinity : c.gcPercentHeapGoal;
  const byLimit = limitGoalOf(c, headroomPercent);
  if (byLimit < byGogc) return { byGogc, byLimit, inForce: byLimit };
  const swept = Math.max(c.gcPercentHeapGoal, c.sweepDistMinTrigger);
  const inForce = c.triggered >= NONE ? swept : Math.max(swept, c.triggered + LEAST_RUNWAY_BYTES);
  return { byGogc, byLimit, inForce };
}

/** What a memory limit leaves for objects (memoryLimitHeapGoal); Infinity where there is none. */
function limitGoalOf(c: Controller, headroomPercent: number): number {
  if (c.memoryLimit >= NO_LIMIT) return Infinity;
  const otherBytes = Math.max(0, c.mappedReady - c.heapFree - (c.totalAlloc - c.totalFree));
  const overBytes = Math.max(0, c.mappedReady - c.memoryLimit);
  if (otherBytes + overBytes >= c.memoryLimit) return c.heapMarked;
  const goal = c.memoryLimit - (otherBytes + overBytes);
  const headroom = Math.max(Math.floor(goal / 100) * headroomPercent, LEAST_HEADROOM);
  return Math.max(c.heapMarked, goal - headroom < headroom ? headroom : goal - headroom);
}
