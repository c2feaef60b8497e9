import type { Levels } from '../experiment/experiment.ts';
import type { ProbeId } from '../experiment/probe-ids.ts';
import { isLimited, liveFromGoal } from '../go/pacer.ts';
import type { Reading } from '../results/format.ts';

/** What tells the live heap, best first; a source that was read too seldom gives way to the next. */
export const LIVE_SOURCES = ['told', 'traced', 'goal'] as const;
/** One of them. */
export type LiveSource = (typeof LIVE_SOURCES)[number];

/** What one reading says of the live heap, in bytes by source, and of the heap goal. */
export interface LiveHeap {
  readonly live: { readonly [S in LiveSource]?: number };
  /** Only of the source that told it first: two are not read at one moment. */
  readonly goalBytes: number | undefined;
}

/** Tells the live heap from the readings of one process, in the order of time. */
export class LiveHeapReader {
  readonly #levels: Levels;
  #goalSource: ProbeId | undefined;
  #rootsBytes = 0;
  #gomemlimitBytes: number | undefined;

  constructor(levels: Levels) {
    this.#levels = levels;
  }

  /** Whether a limit on memory may set the heap goal, which then says nothing of the live heap. */
  get limited(): boolean {
    return isLimited(this.#levels.gomemlimit, this.#gomemlimitBytes);
  }

  /** What a reading says. */
  take({ v, probe }: Reading): LiveHeap {
    this.#gomemlimitBytes = v.gomemlimitBytes ?? this.#gomemlimitBytes;
    if (v.scanStackBytes !== undefined) this.#rootsBytes = v.scanStackBytes + (v.scanGlobalsBytes ?? 0);
    const goalBytes = this.#goalOf(v, probe);
    const goal =
      goalBytes === undefined || this.limited
        ? undefined
        : liveFromGoal(goalBytes, this.#levels.gogc, this.#rootsBytes);
    return {
      live: {
        ...(v.liveHeapBytes === undefined ? {} : { told: v.liveHeapBytes }),
        ...(v.heapLiveBytes === undefined ? {} : { traced: v.heapLiveBytes }),
        ...(goal === undefined ? {} : { goal }),
      },
      goalBytes,
    };
  }

  #goalOf({ nextGcBytes, numGc }: Reading['v'], probe: ProbeId): number | undefined {
    if (nextGcBytes === undefined || numGc === 0) return undefined;
    this.#goalSource ??= probe;
    return probe === this.#goalSource ? nextGcBytes : undefined;
  }
}
