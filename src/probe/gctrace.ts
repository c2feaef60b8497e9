import type { Reading } from '../results/format.ts';

const mebibyte = 2 ** 20;
/** No figure of a real line is longer; a longer one would not be exact, or not even finite. */
const whole = String.raw`(\d{1,15})`;
const number = String.raw`(\d{1,15}(?:\.\d{1,9})?)`;
/**
 * The line of Go ≥ 1.6 (src/runtime/mgc.go, gcMarkTermination): stacks and globals came with 1.18, a remark in
 * parentheses before the colon with 1.27. Go ≤ 1.4 wrote another language; 1.5 had five phases. Neither is read.
 *
 * clock: a+b+c = stop, concurrent mark, stop. cpu: d+e/f/g+h = stop, assists, dedicated and fractional workers, idle
 * workers, stop.
 */
const line = new RegExp(
  String.raw`^gc ${whole} @${number}s ${whole}%(?: \([^)]*\))?: ` +
    String.raw`${number}\+${number}\+${number} ms clock, ${number}\+${number}/${number}/${number}\+${number} ms cpu, ` +
    String.raw`${whole}->${whole}->${whole} MB, ${whole} MB goal,(?: ${whole} MB stacks, ${whole} MB globals,)? ` +
    String.raw`${whole} P( \(forced\))?\s*$`,
);

/** One GC cycle as gctrace prints it. Heap sizes were cut to whole MiB by the runtime. */
export interface GcCycle {
  readonly cycle: number;
  /** Seconds since the runtime's start at which the cycle began. */
  readonly startSeconds: number;
  /** CPU seconds of stops, assists and dedicated or fractional workers; idle workers stand apart. */
  readonly gcCpuSeconds: number;
  readonly idleCpuSeconds: number;
  /** Wall seconds with the world stopped. */
  readonly stopSeconds: number;
  readonly heapStartBytes: number;
  readonly heapEndBytes: number;
  readonly heapLiveBytes: number;
  /** The goal of the cycle that has just ended, which was set by the live heap of the one before. */
  readonly heapGoalBytes: number;
  readonly stacksBytes: number | undefined;
  readonly globalsBytes: number | undefined;
  readonly procs: number;
  readonly forced: boolean;
}

/** Reads one line; undefined where it is no gctrace line, or one with other output in its middle. */
export function parseGctraceLine(text: string): GcCycle | undefined {
  const match = line.exec(text);
  if (match === null) return undefined;
  const at = (group: number): number => Number(match[group]);
  const optional = (group: number): number | undefined =>
    match[group] === undefined ? undefined : at(group) * mebibyte;
  // Milliseconds with at most three decimals: whole microseconds, so that sums carry no binary dust.
  const seconds = (...groups: readonly number[]): number =>
    Math.round(groups.reduce((sum, group) => sum + at(group), 0) * 1000) / 1e6;
  return {
    cycle: at(1),
    startSeconds: at(2),
    gcCpuSeconds: seconds(7, 8, 9, 11),
    idleCpuSeconds: seconds(10),
    stopSeconds: seconds(4, 6),
    heapStartBytes: at(12) * mebibyte,
    heapEndBytes: at(13) * mebibyte,
    heapLiveBytes: at(14) * mebibyte,
    heapGoalBytes: at(15) * mebibyte,
    stacksBytes: optional(16),
    globalsBytes: optional(17),
    procs: at(18),
    forced: match[19] !== undefined,
  };
}

/** A cycle as a reading; `at` is when its line was seen, in seconds since the trial's start. */
export function gctraceReading(cycle: GcCycle, at: number): Reading {
  return {
    at,
    probe: 'gctrace',
    v: {
      cycle: cycle.cycle,
      cycleStartSeconds: cycle.startSeconds,
      cycleGcCpuSeconds: cycle.gcCpuSeconds,
      cycleIdleCpuSeconds: cycle.idleCpuSeconds,
      cycleStopSeconds: cycle.stopSeconds,
      heapStartBytes: cycle.heapStartBytes,
      heapEndBytes: cycle.heapEndBytes,
      heapLiveBytes: cycle.heapLiveBytes,
      heapGoalBytes: cycle.heapGoalBytes,
      ...(cycle.stacksBytes === undefined ? {} : { stacksBytes: cycle.stacksBytes }),
      ...(cycle.globalsBytes === undefined ? {} : { globalsBytes: cycle.globalsBytes }),
      procs: cycle.procs,
      forced: cycle.forced ? 1 : 0,
    },
  };
}

/** How every line of a cycle begins, whole or broken; other traces (scvg, scav, pacer) begin otherwise. */
const head = /^gc \d+ ?@/;

/**
 * Reads gctrace out of a stream of lines. The runtime writes a line in many small pieces, so another thread's output can
 * land in its middle: such lines are dropped and counted, and so are the gaps they leave in the numbering.
 */
export class GctraceReader {
  #last: number | undefined;
  #gaps = 0;
  #dropped = 0;

  /** Cycles that are missing between those read. */
  get gaps(): number {
    return this.#gaps;
  }

  /** Lines that began as a cycle and could not be read: broken by other output, or of Go 1.5 or older. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Takes a line seen at a time (seconds since the trial's start); gives the reading if it is a cycle. */
  push(text: string, at: number): Reading | undefined {
    if (!head.test(text)) return undefined;
    const cycle = parseGctraceLine(text);
    if (cycle === undefined) {
      this.#dropped += 1;
      return undefined;
    }
    // A number that does not rise is another process: a child that inherits GODEBUG and stderr, or a restart.
    if (this.#last !== undefined && cycle.cycle > this.#last + 1) this.#gaps += cycle.cycle - this.#last - 1;
    this.#last = cycle.cycle;
    return gctraceReading(cycle, Math.round(at * 1e6) / 1e6);
  }
}
