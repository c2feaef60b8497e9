import { endSeconds, type GcCycle } from './gctrace-line.ts';
import { HEAP_MINIMUM_BYTES, UNLIMITED_BYTES } from './pacer.ts';

const mebibyte = 2 ** 20;
/** Starts and ends are cut to milliseconds, and each phase to two digits. */
const CUT_SECONDS = 0.002;
const CUT_SHARE = 0.05;
/** A log writes a line within so long, where nothing holds it up; what its time stamps are cut to is added. */
const DELAY_SECONDS = 0.5;
/** Processes that a cycle is looked for in: those that wrote last. */
const RECENT = 128;
/** A process is taken for another where so much speaks against it; where lines are missing between, the lesser. */
const TOO_UNLIKE = { successor: 3, acrossGap: 1 } as const;
/** So much dearer the second process that a cycle may be of must be, that the first one is not in doubt. */
const CLEAR = 0.15;

/** Where and when a log says that a line was written, as far as it does. */
export interface LineOrigin {
  /** The process, container or pod. Untrusted text. */
  readonly source: string | undefined;
  /** Unix seconds, or seconds of a year that the log does not name: then only differences tell. */
  readonly seconds: number | undefined;
  /** Whether `seconds` are Unix seconds. */
  readonly dated: boolean;
  /** How finely they were written. */
  readonly grainSeconds: number;
}

/** A process that writes cycles, as far as they have been read. */
interface Known {
  readonly index: number;
  readonly source: string | undefined;
  last: GcCycle;
  /** Goal of a cycle ÷ live heap of the one before, as last seen; 2 is GOGC=100. */
  goalRatio: number;
  /** The earliest start that a time stamp allows. */
  startedSeconds: number | undefined;
  /** The number of the line at which it last wrote. */
  wroteAt: number;
}

/** Where a cycle belongs. */
export interface Assignment {
  /** Processes are numbered in the order in which their first line was read, from 0. */
  readonly process: number;
  /** Whether it is the first that was read of it. */
  readonly begins: boolean;
  /** Cycles that are missing between it and the one before of the same process. */
  readonly gap: number;
  /** Another process could have written it as well. */
  readonly ambiguous: boolean;
  /** The same cycle has been read already: a log that holds it twice. It does not count. */
  readonly repeated: boolean;
}

/**
 * Tells apart the processes that write their cycles into one stream: a wrapper and its child, the programs of `go run` and
 * `go test`, the restarts of a container. The cycles of a process are numbered in succession, begin after the one before has
 * ended, start with a heap that is no smaller than what that left, have its number of P, and a goal that follows from its
 * live heap; time stamps and names that the log gives tell the rest. In bounded memory: of more than `most` processes the
 * later ones are not told apart (undefined).
 */
export class GctraceProcesses {
  readonly #most: number;
  /** The one that wrote last is first. */
  readonly #recent: Known[] = [];
  #begun = 0;
  #lines = 0;
  /** The line at which the youngest process began. */
  #youngest = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Takes the next cycle of the stream. */
  assign(cycle: GcCycle, { source, seconds, grainSeconds }: LineOrigin): Assignment | undefined {
    this.#lines += 1;
    const startedSeconds = seconds === undefined ? undefined : seconds - endSeconds(cycle);
    const subject = { cycle, source, startedSeconds, blurSeconds: DELAY_SECONDS + grainSeconds };
    const again = this.#recent.find((one) => canBe(one.source, source) && sameCycle(one.last, cycle));
    if (again !== undefined) {
      return { process: again.index, begins: false, gap: 0, ambiguous: false, repeated: true };
    }
    const [best, second] = this.#candidates(subject);
    if (best === undefined) return this.#begin(subject);
    const gap = cycle.cycle - best.one.last.cycle - 1;
    const ambiguous = second !== undefined && second.cost - best.cost < CLEAR;
    this.#advance(best.one, cycle, startedSeconds);
    return { process: best.one.index, begins: false, gap, ambiguous, repeated: false };
  }

  /** The processes that can have written a cycle, the likeliest first. */
  #candidates(subject: Subject): readonly Candidate[] {
    const { cycle } = subject;
    if (cycle.cycle === 1) return [];
    const weighed = (one: Known): Candidate[] => {
      if (!canContinue(one, subject)) return [];
      // One that was silent ever since another began, and for a while, has mostly ended.
      const silent = one.wroteAt < this.#youngest ? Math.min(0.5, 0.1 * (this.#lines - one.wroteAt - 1)) : 0;
      return [{ one, cost: silent + costOf(one, subject) + (one === this.#recent[0] ? 0 : 0.01) }];
    };
    const possible = this.#recent.filter(({ last }) => last.cycle < cycle.cycle).flatMap(weighed);
    // Where no process waits for that number lines are missing: of the one that is nearest to it.
    const nearest = Math.max(...possible.map(({ one }) => one.last.cycle));
    const most = nearest === cycle.cycle - 1 ? TOO_UNLIKE.successor : TOO_UNLIKE.acrossGap;
    return possible
      .filter(({ one, cost }) => one.last.cycle === nearest && cost < most)
      .toSorted((a, b) => a.cost - b.cost);
  }

  #begin({ cycle, source, startedSeconds }: Subject): Assignment | undefined {
    if (this.#begun >= this.#most) return undefined;
    const one: Known = {
      index: this.#begun,
      source,
      last: cycle,
      goalRatio: 2,
      startedSeconds,
      wroteAt: this.#lines,
    };
    this.#begun += 1;
    this.#youngest = this.#lines;
    this.#wrote(one);
    return { process: one.index, begins: true, gap: 0, ambiguous: false, repeated: false };
  }

  #advance(one: Known, cycle: GcCycle, startedSeconds: number | undefined): void {
    if (one.last.heapLiveBytes >= HEAP_MINIMUM_BYTES && cycle.cycle === one.last.cycle + 1)
      one.goalRatio = Math.max(1, cycle.heapGoalBytes / one.last.heapLiveBytes);
    one.last = cycle;
    one.wroteAt = this.#lines;
    // Lines come late, never early.
    if (startedSeconds !== undefined) one.startedSeconds = Math.min(one.startedSeconds ?? Infinity, startedSeconds);
    this.#wrote(one);
  }

  #wrote(one: Known): void {
    const at = this.#recent.indexOf(one);
    if (at !== -1) this.#recent.splice(at, 1);
    this.#recent.unshift(one);
    this.#recent.length = Math.min(this.#recent.length, RECENT);
  }
}

interface Subject {
  readonly cycle: GcCycle;
  readonly source: string | undefined;
  readonly startedSeconds: number | undefined;
  readonly blurSeconds: number;
}

interface Candidate {
  readonly one: Known;
  readonly cost: number;
}

function canBe(a: string | undefined, b: string | undefined): boolean {
  return a === undefined || b === undefined || a === b;
}

function sameCycle(a: GcCycle, b: GcCycle): boolean {
  return a.cycle === b.cycle && (Object.keys(a) as (keyof GcCycle)[]).every((key) => a[key] === b[key]);
}

/** Whether nothing speaks against it: the name, the form of the line, the clock. */
function canContinue({ last, source }: Known, subject: Subject): boolean {
  const { cycle } = subject;
  const earliest = endSeconds(last) - CUT_SECONDS - CUT_SHARE * (endSeconds(last) - last.startSeconds);
  return (
    canBe(source, subject.source) &&
    (last.stacksBytes === undefined) === (cycle.stacksBytes === undefined) &&
    cycle.startSeconds >= Math.max(last.startSeconds, earliest)
  );
}

/** How unlikely it is that a process wrote a cycle: 0 where everything agrees, 1 and more where something hardly can be. */
function costOf({ last, goalRatio, startedSeconds }: Known, subject: Subject): number {
  const { cycle, blurSeconds } = subject;
  const procs = last.procs === cycle.procs ? 0 : 1;
  // What a cycle has left is only added to until the next one.
  const shrunk = cycle.heapStartBytes < last.heapLiveBytes - mebibyte ? 2 : 0;
  const expected =
    last.heapGoalBytes >= UNLIMITED_BYTES
      ? last.heapGoalBytes
      : Math.max(Math.min(HEAP_MINIMUM_BYTES, last.heapGoalBytes), last.heapLiveBytes * goalRatio, mebibyte);
  const goal = Math.abs(Math.log(Math.max(mebibyte, cycle.heapGoalBytes) / expected));
  const apart =
    startedSeconds === undefined || subject.startedSeconds === undefined
      ? 0
      : Math.max(0, Math.abs(subject.startedSeconds - startedSeconds) - blurSeconds);
  return procs + shrunk + Math.min(1, goal) + Math.min(1, apart);
}
