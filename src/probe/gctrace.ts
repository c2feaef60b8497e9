import { cycleFigures, endSeconds, findGctrace, type GcCycle } from '../go/gctrace-line.ts';
import { GctraceProcesses } from '../go/gctrace-processes.ts';
import type { Reading } from '../results/format.ts';

/** Processes beyond so many are not told apart; none of them is the target. */
const MOST_PROCESSES = 1000;
/** Readings that are held until it is known whose they are; the oldest are dropped first. */
const MOST_HELD = 20_000;
/** The runtime of a program begins within so long after its process, and a line is read so long after it was written. */
const START_SECONDS = 1;
/** A counter of cycles was read so many cycles before or after the last line. */
const COUNT_APART = 3;

/** A cycle as a reading; `at` is when its line was seen, in seconds since the trial's start. */
function gctraceReading(cycle: GcCycle, at: number): Reading {
  return { at: Math.round(at * 1e6) / 1e6, probe: 'gctrace', v: cycleFigures(cycle) };
}

/** What is known of the target beside its lines. */
export interface TargetEvidence {
  /** When its process began, in seconds since the trial's start, where that is its runtime's beginning too. */
  readonly startSeconds?: number | undefined;
  /** Its count of cycles, as another source read it a moment ago. */
  readonly numGc?: number | undefined;
}

interface Writer {
  last: number;
  /** The latest that its runtime can have begun: lines are read late, never early. */
  startSeconds: number;
  /** How many cycles had been read, of all processes, when it wrote last, and when it began. */
  wroteAt: number;
  readonly beganAt: number;
  cycles: number;
  gaps: number;
}

/**
 * Reads gctrace out of a stream that several processes may write to: the target, a wrapper around it, what ran before it,
 * and children that inherit GODEBUG. Only the target's cycles become readings; the others are counted. The runtime writes
 * a line in many small pieces, so another thread's output can land in its middle: such lines are dropped and counted, and
 * so are the gaps they leave in the numbering.
 */
export class GctraceReader {
  readonly #processes = new GctraceProcesses(MOST_PROCESSES);
  readonly #writers: Writer[] = [];
  #held: { readonly writer: Writer; readonly reading: Reading }[] = [];
  #evidence: TargetEvidence | undefined;
  #target: Writer | undefined;
  #cycles = 0;
  #beyond = 0;
  #dropped = 0;

  /** Cycles of the target that are missing between those read. */
  get gaps(): number {
    return this.#target?.gaps ?? 0;
  }

  /** Lines that began as a cycle and could not be read: broken by other output, or of Go 1.5 or older. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Cycles of processes that are not the target, and how many processes those are. */
  get others(): { readonly cycles: number; readonly processes: number } {
    const others = this.#writers.filter((one) => one !== this.#target);
    return { cycles: this.#beyond + others.reduce((sum, { cycles }) => sum + cycles, 0), processes: others.length };
  }

  /**
   * Takes a line seen at a time (seconds since the trial's start). Undefined where it holds no cycle; else the reading, if
   * it is known already that it is the target's.
   */
  push(text: string, at: number): readonly Reading[] | undefined {
    const cycles = findGctrace(text).flatMap((found) => {
      if (found.kind === 'broken' || found.kind === 'old') this.#dropped += 1;
      return found.kind === 'cycle' ? [found.cycle] : [];
    });
    return cycles.length === 0 ? undefined : cycles.flatMap((cycle) => this.#take(cycle, at));
  }

  /**
   * From here on the target is told from the others, by what is known of it, else as the first process that has not been
   * silent since another one began. Gives its readings so far.
   */
  settle(evidence: TargetEvidence = {}): readonly Reading[] {
    if (this.#evidence !== undefined) return [];
    this.#evidence = evidence;
    this.#target = this.#chosen(evidence);
    const own = this.#held.filter(({ writer }) => writer === this.#target).map(({ reading }) => reading);
    this.#held = [];
    return own;
  }

  #take(cycle: GcCycle, at: number): readonly Reading[] {
    const startSeconds = at - endSeconds(cycle);
    const found = this.#processes.assign(cycle, { source: undefined, seconds: at, dated: false, grainSeconds: 0 });
    this.#cycles += 1;
    if (found === undefined) this.#beyond += 1;
    if (found === undefined || found.repeated) return [];
    const writer = (this.#writers[found.process] ??= {
      last: 0,
      startSeconds,
      wroteAt: 0,
      beganAt: this.#cycles,
      cycles: 0,
      gaps: 0,
    });
    writer.last = cycle.cycle;
    writer.startSeconds = Math.min(writer.startSeconds, startSeconds);
    writer.wroteAt = this.#cycles;
    writer.cycles += 1;
    writer.gaps += found.gap;
    const reading = gctraceReading(cycle, at);
    if (this.#evidence === undefined) {
      this.#held.push({ writer, reading });
      if (this.#held.length > MOST_HELD) this.#held.splice(0, MOST_HELD / 2);
      return [];
    }
    // No cycle had been read when the target was to be told: the first that can be its own is.
    this.#target ??= this.#beganWith(this.#evidence, writer) ? writer : undefined;
    return writer === this.#target ? [reading] : [];
  }

  #beganWith({ startSeconds }: TargetEvidence, writer: Writer): boolean {
    return startSeconds === undefined || Math.abs(writer.startSeconds - startSeconds) <= START_SECONDS;
  }

  #chosen({ numGc, startSeconds }: TargetEvidence): Writer | undefined {
    if (numGc !== undefined) {
      const apart = ({ last }: Writer): number => Math.abs(last - numGc);
      const nearest = this.#writers.toSorted((a, b) => apart(a) - apart(b))[0];
      if (nearest !== undefined && apart(nearest) <= COUNT_APART) return nearest;
    }
    if (startSeconds !== undefined) return this.#writers.find((writer) => this.#beganWith({ startSeconds }, writer));
    const youngest = this.#writers.at(-1)?.beganAt ?? 0;
    return this.#writers.find(({ wroteAt }) => wroteAt >= youngest);
  }
}
