import type { Reading } from '../results/format.ts';

const mebibyte = 2 ** 20;
const number = String.raw`(\d+(?:\.\d+)?)`;
/**
 * The line of Go ≥ 1.6 (src/runtime/mgc.go, gcMarkTermination): stacks and globals came with 1.18, a remark in
 * parentheses before the colon with 1.27. Go ≤ 1.4 wrote another language; 1.5 had five phases. Neither is read.
 */
const line = new RegExp(
  String.raw`^gc (\d+) @(\d+\.\d+)s (\d+)%(?: \([^)]*\))?: ` +
    String.raw`${number}\+${number}\+${number} ms clock, ${number}\+${number}/${number}/${number}\+${number} ms cpu, ` +
    String.raw`(\d+)->(\d+)->(\d+) MB, (\d+) MB goal,(?: (\d+) MB stacks, (\d+) MB globals,)? (\d+) P( \(forced\))?\s*$`,
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
  return {
    cycle: at(1),
    startSeconds: at(2),
    gcCpuSeconds: (at(7) + at(8) + at(9) + at(11)) / 1000,
    idleCpuSeconds: at(10) / 1000,
    stopSeconds: (at(4) + at(6)) / 1000,
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

/**
 * Reads gctrace out of a stream of lines. The runtime writes a line in many small pieces, so another thread's output can
 * land in its middle: such lines are dropped, and the gaps they leave in the numbering are counted.
 */
export class GctraceReader {
  #last: number | undefined;
  #gaps = 0;

  /** Cycles that are missing between those read. */
  get gaps(): number {
    return this.#gaps;
  }

  /** Takes a line seen at a time (seconds since the trial's start); gives the reading if it is a cycle. */
  push(text: string, at: number): Reading | undefined {
    if (!text.startsWith('gc ')) return undefined;
    const cycle = parseGctraceLine(text);
    if (cycle === undefined) return undefined;
    if (this.#last !== undefined && cycle.cycle > this.#last + 1) this.#gaps += cycle.cycle - this.#last - 1;
    this.#last = cycle.cycle;
    return gctraceReading(cycle, Math.round(at * 1e6) / 1e6);
  }
}
