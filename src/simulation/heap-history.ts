import type { SimulatedTarget } from '../experiment/experiment.ts';
import { FORCED_CYCLE_SECONDS } from '../go/pacer.ts';
import { cycleCpuSeconds, heapGoal, runwayBytes, type Settings } from './pacer.ts';

/** From the start of a process until it serves, seconds: the live heap is built evenly over them. */
export const START_SECONDS = 0.2;
/** What the scavenger leaves resident beyond the next goal (runtime/mgcscavenge.go, retainExtraPercent). */
const RETAINED = 1.1;

/** What a process is given to do: requests since it began to serve, a function of seconds that never falls. */
export interface Requests {
  readonly until: (seconds: number) => number;
  /** In the long run; for what only the mean rate decides. */
  readonly perSecond: number;
}

/** One stretch of a heap's life, from the end of a GC cycle (or the start) to the end of the next. Seconds of the process's life. */
export interface HeapCycle {
  readonly startSeconds: number;
  /** Beyond the end of the simulation where it never came to one. */
  readonly endSeconds: number;
  /** Heap at its start and its end, bytes; what was allocated lies between. */
  readonly startBytes: number;
  readonly endBytes: number;
  readonly goalBytes: number;
  /** Allocated in the process's life when it began. */
  readonly allocatedBytes: number;
  /** Resident heap without fragmentation when it began. */
  readonly residentBytes: number;
  /** What its end marked, and the CPU of that at normal speed; 0 where it has no end. */
  readonly liveBytes: number;
  readonly gcCpuSeconds: number;
  readonly forced: boolean;
}

/** Bytes live at a time of the process's life: what stays, what only the start needs, and growth. */
export function liveBytesAt(model: SimulatedTarget, seconds: number): number {
  const served = Math.max(0, seconds - START_SECONDS);
  const excess = model.startUp.excess * Math.exp(-served / model.startUp.seconds);
  return model.liveBytes * (1 + excess + (model.growthPerMinute * served) / 60);
}

/** Bytes allocated up to a time of the process's life. */
export function allocatedBytesAt(model: SimulatedTarget, requests: Requests, seconds: number): number {
  const built = liveBytesAt(model, 0) * Math.min(1, seconds / START_SECONDS);
  return built + model.allocPerRequestBytes * requests.until(Math.max(0, seconds - START_SECONDS));
}

/** Resident heap without fragmentation, bytes, at a time within a cycle. */
export function residentBytesAt(model: SimulatedTarget, cycle: HeapCycle, seconds: number, heapBytes: number): number {
  const target = RETAINED * cycle.goalBytes;
  const kept = Math.min(cycle.residentBytes, target);
  const excess = cycle.residentBytes - kept;
  const released = excess === 0 ? 0 : excess * Math.exp(-(seconds - cycle.startSeconds) / model.scavengeSeconds);
  return Math.max(kept + released, heapBytes);
}

/** The cycles of a process's heap up to a time, the last one under way then. Pure; no chance in it. */
export function heapHistory(
  model: SimulatedTarget,
  settings: Settings,
  requests: Requests,
  untilSeconds: number,
): readonly HeapCycle[] {
  const allocPerSecond = requests.perSecond * model.allocPerRequestBytes;
  const allocatedAt = (seconds: number): number => allocatedBytesAt(model, requests, seconds);
  const cycles: HeapCycle[] = [];
  let [start, live, resident, allocated] = [0, 0, 0, 0];
  while (start <= untilSeconds) {
    const building = allocated < liveBytesAt(model, 0);
    const goal = heapGoal(model, settings, live);
    const runway = building ? goal - live : runwayBytes(model, settings, live, allocPerSecond);
    const byGoal = timeOf(allocatedAt, allocated + runway, start, untilSeconds);
    const forced = settings.gogc !== 'off' && byGoal > start + FORCED_CYCLE_SECONDS;
    const end = forced ? start + FORCED_CYCLE_SECONDS : byGoal;
    // Where no cycle comes, the heap is what was allocated by the end of the simulation.
    const grown = allocatedAt(Math.min(end, untilSeconds)) - allocated;
    const endBytes = live + (Number.isFinite(end) && !forced ? runway : grown);
    const nextLive = Math.min(endBytes, end < START_SECONDS ? endBytes : liveBytesAt(model, end));
    const cycle: HeapCycle = {
      startSeconds: start,
      endSeconds: end,
      startBytes: live,
      endBytes,
      goalBytes: goal,
      allocatedBytes: allocated,
      residentBytes: resident,
      liveBytes: nextLive,
      gcCpuSeconds: Number.isFinite(end) ? cycleCpuSeconds(model, nextLive) : 0,
      forced,
    };
    cycles.push(cycle);
    if (!Number.isFinite(end)) break;
    resident = residentBytesAt(model, cycle, end, endBytes);
    allocated += endBytes - live;
    [start, live] = [end, nextLive];
  }
  return cycles;
}

/** When the allocations reach an amount; without end where they do not within a hundred simulations. */
function timeOf(allocatedAt: (seconds: number) => number, bytes: number, from: number, until: number): number {
  let [low, high] = [from, Math.max(until, from)];
  while (allocatedAt(high) < bytes) {
    if (high > 100 * until) return Infinity;
    [low, high] = [high, high * 2];
  }
  for (let step = 0; step < 60 && high - low > 1e-12 * high; step++) {
    const middle = (low + high) / 2;
    if (allocatedAt(middle) < bytes) low = middle;
    else high = middle;
  }
  return high;
}
