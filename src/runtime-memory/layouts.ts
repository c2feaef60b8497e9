// Written by scripts/make-layouts.ts from the debug information of a program that each Go release built: npm run layouts.

/** The newest Go 1.x whose layouts are known. */
export const NEWEST_MINOR = 27;

/**
 * Where the runtime's variables keep their fields, in bytes, by the Go 1.x since which they are there. `work` counts from
 * its field tEnd, since what is before it has moved within a release; the same on amd64 and arm64.
 */
// prettier-ignore
export const LAYOUTS = {
  gcController: {
    19: { gcPercent: 0, memoryLimit: 8, heapMinimum: 16, gcPercentHeapGoal: 104, sweepDistMinTrigger: 112, triggered: 120, lastStackScan: 160, globalsScan: 176, heapMarked: 184, heapInUse: 304, heapReleased: 312, heapFree: 320, totalAlloc: 328, totalFree: 336, mappedReady: 344 },
    20: { gcPercent: 0, memoryLimit: 8, heapMinimum: 16, gcPercentHeapGoal: 48, sweepDistMinTrigger: 56, triggered: 64, lastStackScan: 104, globalsScan: 120, heapMarked: 128, heapInUse: 248, heapReleased: 256, heapFree: 264, totalAlloc: 272, totalFree: 280, mappedReady: 288 },
    21: { gcPercent: 0, memoryLimit: 8, heapMinimum: 16, gcPercentHeapGoal: 72, sweepDistMinTrigger: 80, triggered: 88, lastStackScan: 128, globalsScan: 144, heapMarked: 152, heapInUse: 272, heapReleased: 280, heapFree: 288, totalAlloc: 296, totalFree: 304, mappedReady: 312 },
  },
  memstats: {
    19: { generation: 1176, committed: 0, released: 8, inHeap: 16, inStacks: 24, inWorkBufs: 32, inPtrScalarBits: 40, tinyAllocCount: 48, largeAllocCount: 64, smallAllocCount: 72, largeFreeCount: 624, smallFreeCount: 632, sizeClasses: 68, stacks_sys: 3544, mspan_sys: 3552, mcache_sys: 3560, buckhash_sys: 3568, gcMiscSys: 3576, other_sys: 3584, last_gc_unix: 3592, pause_total_ns: 3600, pause_end: 5656, numgc: 7704, numforcedgc: 7708, gc_cpu_fraction: 7712, last_gc_nanotime: 7720 },
    25: { generation: 1168, committed: 0, released: 8, inHeap: 16, inStacks: 24, inWorkBufs: 32, tinyAllocCount: 40, largeAllocCount: 56, smallAllocCount: 64, largeFreeCount: 616, smallFreeCount: 624, sizeClasses: 68, stacks_sys: 3520, mspan_sys: 3528, mcache_sys: 3536, buckhash_sys: 3544, gcMiscSys: 3552, other_sys: 3560, last_gc_unix: 3568, pause_total_ns: 3576, pause_end: 5632, numgc: 7680, numforcedgc: 7684, gc_cpu_fraction: 7688, last_gc_nanotime: 7696 },
  },
  work: {
    19: { cycles: -40, maxprocs: -32, tSweepTerm: -24, tMark: -16, tMarkTerm: -8, totaltime: -96 },
    20: { cycles: -40, maxprocs: -32, tSweepTerm: -24, tMark: -16, tMarkTerm: -8, cpuStats: 48 },
    22: { cycles: -40, maxprocs: -32, tSweepTerm: -24, tMark: -16, tMarkTerm: -8, cpuStats: 40 },
  },
  gcCPULimiter: {
    19: { enabled: 4, test: 80, fill: 8, capacity: 16, lastUpdate: 64, lastEnabledCycle: 72, nprocs: 76 },
    23: { enabled: 4, test: 7, fill: 8, capacity: 16, lastUpdate: 56, lastEnabledCycle: 64, nprocs: 68 },
  },
} as const;
