import type { SimulatedTarget } from '../experiment/experiment.ts';
import {
  allocatedBytesAt,
  heapHistory,
  residentBytesAt,
  START_SECONDS,
  type HeapCycle,
  type Requests,
} from './heap-history.ts';
import type { Settings } from './pacer.ts';

/** What is particular to one process: factors of which 1 is no difference. */
export interface Particulars {
  /** On its resident heap. */
  readonly memory: number;
  /** On every CPU time: what the process and the machine make of it. */
  readonly slowness: number;
}

/** The state of a process at one time. Bytes and seconds, cumulative where they count. */
export interface ProcessState {
  readonly anonBytes: number;
  readonly cpuSeconds: number;
  readonly heapAllocBytes: number;
  readonly residentHeapBytes: number;
  readonly totalAllocBytes: number;
  readonly nextGcBytes: number;
  /** The cycles that have ended: how many, when the last one did (seconds of the process's life), what it marked. */
  readonly numGc: number;
  readonly numForcedGc: number;
  readonly lastGcSeconds: number;
  readonly liveHeapBytes: number;
  /** Of the cycles that have ended. */
  readonly gcCpuSeconds: number;
}

/** A simulated process. */
export interface SimulatedProcess {
  readonly cycles: readonly HeapCycle[];
  /** The state at a time of its life, at most the end of the simulation. */
  readonly at: (seconds: number) => ProcessState;
  /** When its anonymous memory first exceeds a limit; undefined where it never does. */
  readonly exceeds: (limitBytes: number) => number | undefined;
}

/**
 * A process from its start to `untilSeconds` of its life. The CPU of a GC cycle is spread over what is allocated until
 * its end, so that a window cuts no cycle in a way that depends on its phase.
 */
export function simulateProcess(
  model: SimulatedTarget,
  settings: Settings,
  requests: Requests,
  particulars: Particulars,
  untilSeconds: number,
): SimulatedProcess {
  const cycles = heapHistory(model, settings, requests, untilSeconds);
  const gcBefore = [0];
  const forcedBefore = [0];
  for (const { gcCpuSeconds, forced } of cycles) {
    gcBefore.push((gcBefore.at(-1) as number) + gcCpuSeconds);
    forcedBefore.push((forcedBefore.at(-1) as number) + Number(forced));
  }
  const at = (seconds: number): ProcessState => {
    const index = indexAt(cycles, seconds);
    const cycle = cycles[index] as HeapCycle;
    const allocated = allocatedBytesAt(model, requests, seconds);
    const grown = Math.max(0, allocated - cycle.allocatedBytes);
    const heap = cycle.startBytes + grown;
    const runway = cycle.endBytes - cycle.startBytes;
    const share = cycle.forced || runway === 0 ? 0 : Math.min(1, grown / runway);
    const resident = residentBytesAt(model, cycle, seconds, heap) * (1 + model.fragmentation) * particulars.memory;
    const served = requests.until(Math.max(0, seconds - START_SECONDS));
    const ended = gcBefore[index] as number;
    const previous = cycles[index - 1];
    return {
      anonBytes: resident + model.offHeapBytes,
      cpuSeconds: particulars.slowness * (served * model.cpuPerRequestSeconds + ended + share * cycle.gcCpuSeconds),
      heapAllocBytes: heap,
      residentHeapBytes: resident,
      totalAllocBytes: allocated,
      nextGcBytes: cycle.goalBytes,
      numGc: index,
      numForcedGc: forcedBefore[index] as number,
      lastGcSeconds: previous?.endSeconds ?? 0,
      liveHeapBytes: previous?.liveBytes ?? 0,
      gcCpuSeconds: particulars.slowness * ended,
    };
  };
  return { cycles, at, exceeds: (limit) => firstBeyond(cycles, at, limit, untilSeconds) };
}

/** The cycle that is under way at a time. */
function indexAt(cycles: readonly HeapCycle[], seconds: number): number {
  let [low, high] = [0, cycles.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((cycles[middle] as HeapCycle).startSeconds <= seconds) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Memory is greatest at the end of a cycle, or was so at its start. */
function firstBeyond(
  cycles: readonly HeapCycle[],
  at: SimulatedProcess['at'],
  limitBytes: number,
  untilSeconds: number,
): number | undefined {
  const before = (end: number): number => Math.min(end, untilSeconds) * (1 - 1e-12);
  const cycle = cycles.find(({ endSeconds }) => at(before(endSeconds)).anonBytes > limitBytes);
  if (cycle === undefined) return undefined;
  let [low, high] = [cycle.startSeconds, before(cycle.endSeconds)];
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2;
    if (at(middle).anonBytes > limitBytes) high = middle;
    else low = middle;
  }
  return high;
}
