import type { Layout } from './layout.ts';
import type { Run } from './process-memory.ts';
import {
  controllerBytes,
  limiterBytes,
  overGenerations,
  readController,
  readStats,
  readWork,
  readyBytes,
  ringAgrees,
  statsBytes,
  usedSpans,
  workExtent,
  type Controller,
  type Stats,
  type Work,
} from './variables.ts';
import type { Words } from './words.ts';

// The runtime's arithmetic is the fingerprint of its variables: no symbols, no code and no debug information are needed to
// find them, and where a layout is not the one that the table says, nothing is found.

const PAGE = 8192;
const PHYSICAL_PAGE = 4096;
/** The runtime's default minimum heap; `heapMinimum` is this times GOGC/100, computed in 64 unsigned bits. */
const MINIMUM_HEAP = 4 * 2 ** 20;
/** heapMinimum at GOGC=off, where GOGC is −1: (2^64 − 2^22)/100, rounded down. */
const MINIMUM_OFF = ((1n << 64n) - BigInt(MINIMUM_HEAP)) / 100n;
const MINIMUM_OFF_LOW = Number(MINIMUM_OFF & 0xffff_ffffn);
const MINIMUM_OFF_HIGH = Number(MINIMUM_OFF >> 32n);
/** What the limiter saves up for each P: one second. */
const CAPACITY_OF_ONE = 1e9;
/** Programs that were seen have up to four places that look like `gcController` on their own. */
const MOST_CONTROLLERS = 32;
/** More Ps than any machine has. */
const MOST_PROCS = 1 << 16;

/** Where `gcController` and `memstats` may be. */
export interface Candidate {
  readonly controller: number;
  readonly stats: number;
}

/**
 * The places of `gcController` and `memstats` that go together as far as one can tell while both move: the first is found by
 * its minimum heap, which is what its GOGC makes it, the second by sums that are about what the first says.
 */
export function findBooks(runs: readonly Run[], layout: Layout): readonly Candidate[] {
  const places = placesIn(runs, controllerBytes(layout), (words, at) => isController(words, at, layout));
  // Data that were made to look like it again and again are not searched again and again.
  return places.slice(0, MOST_CONTROLLERS).flatMap((place) => {
    const controller = readController(place.words, place.at, layout);
    return findStats(runs, layout, controller).map((stats) => ({ controller: place.address, stats }));
  });
}

/** Whether what stands at a place can be `gcController`. */
export function isController(words: Words, at: number, layout: Layout): boolean {
  const { gcPercent, heapMinimum, heapInUse } = layout.controller;
  // What rules out most comes first: this looks at every word of a program's data.
  if (words.u32(at + heapInUse) % PAGE !== 0 || words.u32(at + gcPercent + 4) !== 0) return false;
  const percent = words.i32(at + gcPercent);
  if (percent < -1) return false;
  if (percent === -1) {
    if (words.u32(at + heapMinimum) !== MINIMUM_OFF_LOW || words.u32(at + heapMinimum + 4) !== MINIMUM_OFF_HIGH)
      return false;
  } else if (words.u64(at + heapMinimum) !== Math.floor((MINIMUM_HEAP * percent) / 100)) return false;
  if (words.u64(at + heapInUse) === 0) return false;
  const c = readController(words, at, layout);
  return (
    c.memoryLimit >= 0 &&
    c.heapFree % PHYSICAL_PAGE === 0 &&
    c.heapReleased % PHYSICAL_PAGE === 0 &&
    Number.isSafeInteger(c.mappedReady) &&
    c.mappedReady > c.heapInUse + c.heapFree &&
    c.totalAlloc > 0 &&
    c.totalAlloc >= c.totalFree
  );
}

function findStats(runs: readonly Run[], layout: Layout, controller: Controller): readonly number[] {
  const near = (a: number, b: number): boolean => Math.abs(a - b) <= controller.heapInUse / 2;
  return placesIn(runs, statsBytes(layout), (words, at) => {
    const inHeap = overGenerations(words, at + layout.stats.inHeap, layout);
    if (inHeap % PAGE !== 0 || !near(inHeap, controller.heapInUse) || !ringAgrees(words, at, layout)) return false;
    const stats = readStats(words, at, layout);
    return (
      stats.committed % PHYSICAL_PAGE === 0 &&
      stats.released % PHYSICAL_PAGE === 0 &&
      near(readyBytes(controller, stats), controller.mappedReady)
    );
  }).map(({ address }) => address);
}

/** Whether both books agree to the byte: then they are the runtime's, and nothing moved between the two reads. */
export function booksAgree(controller: Controller, stats: Stats): boolean {
  return (
    stats.inHeap === controller.heapInUse &&
    stats.released === controller.heapReleased &&
    stats.committed === controller.heapInUse + controller.heapFree + usedSpans(stats) &&
    controller.mappedReady === readyBytes(controller, stats)
  );
}

/**
 * Where the `tEnd` of `work` may be: another place that holds the time at which the last cycle ended, between what belongs there.
 * Before a cycle has ended that time is zero, and numbers of quite another kind can stand around a zero: there is no such place then.
 */
export function findWork(runs: readonly Run[], layout: Layout, stats: Stats): readonly number[] {
  if (stats.lastGcNanotime === 0) return [];
  const { first, end } = workExtent(layout);
  return placesIn(runs, end - first, (words, from) => {
    const at = from - first;
    return words.u64(at) === stats.lastGcNanotime && workAgrees(readWork(words, at, layout), stats);
  }).map(({ address }) => address - first);
}

/**
 * Whether `work` is of the same moment as the statistics. From a cycle's start to its end the pause that began it is in the
 * collector's CPU time already, and not yet in the total.
 */
export function workAgrees(work: Work, stats: Stats): boolean {
  const { cycles, maxprocs, cpuStats: cpu, totaltime, tSweepTerm, tMark, tMarkTerm, tEnd } = work;
  const under = cycles === stats.numgc + 1;
  if (cycles !== stats.numgc && !under) return false;
  if (!(maxprocs >= 1 && maxprocs <= MOST_PROCS) || tEnd !== stats.lastGcNanotime) return false;
  // A cycle notes its beginning some time before it counts itself.
  const begun = under || tSweepTerm >= tEnd;
  if (!under && !((begun || tSweepTerm <= tMark) && tMark <= tMarkTerm && tMarkTerm <= tEnd)) return false;
  if (cpu === undefined) return totaltime !== undefined && totaltime > 0;
  if (cpu.gcTotal !== cpu.assist + cpu.dedicated + cpu.idleMark + cpu.pause) return false;
  if (cpu.scavengeTotal !== cpu.scavengeAssist + cpu.scavengeBackground || cpu.total <= 0) return false;
  const ahead = cpu.user + cpu.idle + cpu.gcTotal + cpu.scavengeTotal - cpu.total;
  return ahead === 0 || (begun && ahead > 0 && ahead <= cpu.pause);
}

/** Where `gcCPULimiter` may be: it saves up one second for each P, and was last looked at no earlier than the last cycle ended. */
export function findLimiter(runs: readonly Run[], layout: Layout, { lastGcNanotime }: Stats): readonly number[] {
  const at = layout.limiter;
  return placesIn(runs, limiterBytes(layout), (words, base) => {
    const procs = words.i32(base + at.nprocs);
    if (procs < 1 || procs > MOST_PROCS) return false;
    const capacity = words.u64(base + at.capacity);
    return (
      capacity === procs * CAPACITY_OF_ONE &&
      words.u64(base + at.fill) <= capacity &&
      words.u8(base + at.enabled) <= 1 &&
      words.u8(base + at.test) === 0 &&
      words.i64(base + at.lastUpdate) > Math.max(0, lastGcNanotime - CAPACITY_OF_ONE)
    );
  }).map(({ address }) => address);
}

interface Place {
  readonly address: number;
  readonly words: Words;
  /** Where in them it is. */
  readonly at: number;
}

/** The places at which something holds. The runtime's variables begin at multiples of eight. */
function placesIn(
  runs: readonly Run[],
  sizeBytes: number,
  holds: (words: Words, at: number) => boolean,
): readonly Place[] {
  const found: Place[] = [];
  for (const { address, words } of runs) {
    for (let at = 0; at + sizeBytes <= words.bytes.length; at += 8) {
      if (holds(words, at)) found.push({ address: address + at, words, at });
    }
  }
  return found;
}
