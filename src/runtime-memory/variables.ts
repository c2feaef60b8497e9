import type { Layout } from './layout.ts';
import type { Words } from './words.ts';

// What is decoded here are the runtime's own variables, under their own names (Go src/runtime: mgcpacer.go, mstats.go,
// mgc.go, mgclimit.go). Bytes and nanoseconds; a value of all ones stands for "none" where the runtime has it so.

/** The pacer's books: `gcController`. */
export interface Controller {
  readonly gcPercent: number;
  readonly memoryLimit: number;
  readonly gcPercentHeapGoal: number;
  readonly sweepDistMinTrigger: number;
  readonly triggered: number;
  readonly lastStackScan: number;
  readonly globalsScan: number;
  readonly heapMarked: number;
  readonly heapInUse: number;
  readonly heapReleased: number;
  readonly heapFree: number;
  readonly totalAlloc: number;
  readonly totalFree: number;
  readonly mappedReady: number;
}

/** Bytes from the beginning of `gcController` to the end of what is read of it. */
export function controllerBytes({ controller }: Layout): number {
  return controller.mappedReady + 8;
}

/** Reads `gcController` at a place. */
export function readController(words: Words, base: number, { controller: at }: Layout): Controller {
  return {
    gcPercent: words.i32(base + at.gcPercent),
    memoryLimit: words.i64(base + at.memoryLimit),
    gcPercentHeapGoal: words.u64(base + at.gcPercentHeapGoal),
    sweepDistMinTrigger: words.u64(base + at.sweepDistMinTrigger),
    triggered: words.u64(base + at.triggered),
    lastStackScan: words.u64(base + at.lastStackScan),
    globalsScan: words.u64(base + at.globalsScan),
    heapMarked: words.u64(base + at.heapMarked),
    heapInUse: words.u64(base + at.heapInUse),
    heapReleased: words.u64(base + at.heapReleased),
    heapFree: words.u64(base + at.heapFree),
    totalAlloc: words.u64(base + at.totalAlloc),
    totalFree: words.u64(base + at.totalFree),
    mappedReady: words.u64(base + at.mappedReady),
  };
}

/** The generations among which the runtime spreads its heap statistics; only their sum means anything. */
const GENERATIONS = 3;
/** Pauses that the runtime remembers. */
const REMEMBERED_PAUSES = 256;

/** Memory by what it is used for, and what the cycles so far have cost: `memstats`. */
export interface Stats {
  readonly committed: number;
  readonly released: number;
  readonly inHeap: number;
  readonly inStacks: number;
  readonly inWorkBufs: number;
  readonly inPtrScalarBits: number;
  readonly stacksSys: number;
  readonly mspanSys: number;
  readonly mcacheSys: number;
  readonly buckhashSys: number;
  readonly gcMiscSys: number;
  readonly otherSys: number;
  readonly lastGcUnix: number;
  readonly lastGcNanotime: number;
  readonly pauseTotalNs: number;
  readonly numgc: number;
  readonly numforcedgc: number;
  readonly gcCpuFraction: number;
}

/** Bytes from the beginning of `memstats` to the end of what is read of it. */
export function statsBytes({ stats }: Layout): number {
  return stats.last_gc_nanotime + 8;
}

/** A field of the heap statistics, added up over the generations. */
export function overGenerations(words: Words, at: number, { stats: { generation } }: Layout): number {
  let sum = 0;
  for (let i = 0; i < GENERATIONS; i += 1) sum += words.i64(at + i * generation);
  return sum;
}

/** Reads `memstats` at a place, without its counts of objects. */
export function readStats(words: Words, base: number, layout: Layout): Stats {
  const at = layout.stats;
  const sum = (offset: number): number => overGenerations(words, base + offset, layout);
  return {
    committed: sum(at.committed),
    released: sum(at.released),
    inHeap: sum(at.inHeap),
    inStacks: sum(at.inStacks),
    inWorkBufs: sum(at.inWorkBufs),
    inPtrScalarBits: at.inPtrScalarBits === undefined ? 0 : sum(at.inPtrScalarBits),
    stacksSys: words.u64(base + at.stacks_sys),
    mspanSys: words.u64(base + at.mspan_sys),
    mcacheSys: words.u64(base + at.mcache_sys),
    buckhashSys: words.u64(base + at.buckhash_sys),
    gcMiscSys: words.u64(base + at.gcMiscSys),
    otherSys: words.u64(base + at.other_sys),
    lastGcUnix: words.u64(base + at.last_gc_unix),
    lastGcNanotime: words.u64(base + at.last_gc_nanotime),
    pauseTotalNs: words.u64(base + at.pause_total_ns),
    numgc: words.u32(base + at.numgc),
    numforcedgc: words.u32(base + at.numforcedgc),
    gcCpuFraction: words.f64(base + at.gc_cpu_fraction),
  };
}

/** Objects that were allocated and freed so far, the tiny ones that share a slot among both. */
export function countObjects(words: Words, base: number, layout: Layout): { mallocs: number; frees: number } {
  const at = layout.stats;
  const tiny = overGenerations(words, base + at.tinyAllocCount, layout);
  let mallocs = tiny + overGenerations(words, base + at.largeAllocCount, layout);
  let frees = tiny + overGenerations(words, base + at.largeFreeCount, layout);
  for (let size = 0; size < at.sizeClasses * 8; size += 8) {
    mallocs += overGenerations(words, base + at.smallAllocCount + size, layout);
    frees += overGenerations(words, base + at.smallFreeCount + size, layout);
  }
  return { mallocs, frees };
}

/** Whether the end of the last cycle stands where the ring of pauses has it, too. */
export function ringAgrees(words: Words, base: number, { stats: at }: Layout): boolean {
  const numgc = words.u32(base + at.numgc);
  if (numgc === 0) return words.u64(base + at.last_gc_unix) === 0;
  const place = (numgc + REMEMBERED_PAUSES - 1) % REMEMBERED_PAUSES;
  return words.same(base + at.pause_end + 8 * place, words, base + at.last_gc_unix);
}

/** Memory that is mapped and not given back: what `mappedReady` is the sum of. */
export function readyBytes({ heapInUse, heapFree }: Controller, stats: Stats): number {
  const { stacksSys, mspanSys, mcacheSys, buckhashSys, gcMiscSys, otherSys } = stats;
  return (
    heapInUse + heapFree + usedSpans(stats) + stacksSys + mspanSys + mcacheSys + buckhashSys + gcMiscSys + otherSys
  );
}

/** Spans that hold other things than objects. */
export function usedSpans({ inStacks, inWorkBufs, inPtrScalarBits }: Stats): number {
  return inStacks + inWorkBufs + inPtrScalarBits;
}

/** CPU time so far by what it was used for, in nanoseconds, as of the end of the last cycle: `work.cpuStats`. */
export interface CpuStats {
  readonly assist: number;
  readonly dedicated: number;
  readonly idleMark: number;
  readonly pause: number;
  readonly gcTotal: number;
  readonly scavengeAssist: number;
  readonly scavengeBackground: number;
  readonly scavengeTotal: number;
  readonly idle: number;
  readonly user: number;
  readonly total: number;
}

/** What the collector knows of the cycle at hand: `work`. */
export interface Work {
  readonly cycles: number;
  readonly maxprocs: number;
  readonly tSweepTerm: number;
  readonly tMark: number;
  readonly tMarkTerm: number;
  readonly tEnd: number;
  /** Since Go 1.20. */
  readonly cpuStats: CpuStats | undefined;
  /** Go 1.19: the collector's CPU time so far, without idle marking. */
  readonly totaltime: number | undefined;
}

/** From where to where, counted from `tEnd`, what is read of `work` reaches. */
export function workExtent({ work }: Layout): { readonly first: number; readonly end: number } {
  return {
    first: Math.min(work.cycles, work.totaltime ?? 0),
    end: work.cpuStats === undefined ? 8 : work.cpuStats + 88,
  };
}

/** Reads `work` around the place of its `tEnd`. */
export function readWork(words: Words, tEnd: number, { work: at }: Layout): Work {
  const stat = (i: number): number => words.i64(tEnd + (at.cpuStats ?? NaN) + 8 * i);
  return {
    cycles: words.u32(tEnd + at.cycles),
    maxprocs: words.i32(tEnd + at.maxprocs),
    tSweepTerm: words.i64(tEnd + at.tSweepTerm),
    tMark: words.i64(tEnd + at.tMark),
    tMarkTerm: words.i64(tEnd + at.tMarkTerm),
    tEnd: words.i64(tEnd),
    totaltime: at.totaltime === undefined ? undefined : words.i64(tEnd + at.totaltime),
    cpuStats:
      at.cpuStats === undefined
        ? undefined
        : {
            assist: stat(0),
            dedicated: stat(1),
            idleMark: stat(2),
            pause: stat(3),
            gcTotal: stat(4),
            scavengeAssist: stat(5),
            scavengeBackground: stat(6),
            scavengeTotal: stat(7),
            idle: stat(8),
            user: stat(9),
            total: stat(10),
          },
  };
}

/** What keeps the collector below half of the CPUs: `gcCPULimiter`. */
export interface Limiter {
  readonly enabled: boolean;
  readonly lastEnabledCycle: number;
  readonly nprocs: number;
}

/** Bytes from the beginning of `gcCPULimiter` to the end of what is read of it. */
export function limiterBytes({ limiter }: Layout): number {
  return Math.max(limiter.nprocs, limiter.test) + 4;
}

/** Reads `gcCPULimiter` at a place. */
export function readLimiter(words: Words, base: number, { limiter: at }: Layout): Limiter {
  return {
    enabled: words.u8(base + at.enabled) === 1,
    lastEnabledCycle: words.u32(base + at.lastEnabledCycle),
    nprocs: words.i32(base + at.nprocs),
  };
}
