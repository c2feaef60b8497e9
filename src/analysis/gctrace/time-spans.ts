import type { SpanHeap, TraceSpan } from './gctrace-document.ts';

/** Spans are never more; then each two become one. */
const MOST_SPANS = 120;
/** The length of the first spans: a power of two of a second, so that longer ones are whole seconds. */
const FIRST_SECONDS = 2 ** -10;

/** What is added to a span in proportion to the time of it that something takes. */
type Flow = 'capacitySeconds' | 'gcSeconds' | 'assistSeconds' | 'stopSeconds' | 'idleSeconds' | 'runningSeconds';

/** A span under construction. */
export type OpenSpan = {
  -readonly [Key in Exclude<keyof TraceSpan, 'fromSeconds' | 'toSeconds' | 'impliedGogc'>]: TraceSpan[Key];
} & {
  gogcSum: number;
  gogcCount: number;
};

/** Sums over time in bounded memory: equal spans from a beginning on, which become longer as time goes on. */
export class TimeSpans {
  readonly #startSeconds: number;
  #length = FIRST_SECONDS;
  #spans: OpenSpan[] = [];

  constructor(startSeconds: number) {
    this.#startSeconds = startSeconds;
  }

  /** The span that a time lies in. */
  at(seconds: number): OpenSpan {
    return this.#span(this.#indexOf(seconds));
  }

  /** Spreads amounts evenly over a time. */
  spread(from: number, to: number, amounts: Readonly<Partial<Record<Flow, number>>>): void {
    // Makes room first, so that the spans between are of one length.
    this.#indexOf(to);
    const [first, last] = [this.#indexOf(from), this.#indexOf(to)];
    for (let index = first; index <= last; index++) {
      const begin = this.#startSeconds + index * this.#length;
      const part =
        to > from ? Math.max(0, Math.min(to, begin + this.#length) - Math.max(from, begin)) / (to - from) : 1;
      const span = this.#span(index);
      for (const [key, amount] of Object.entries(amounts) as [Flow, number][]) span[key] += amount * part;
    }
  }

  /** All spans up to a time, the last of them cut there; as many of them put together as it takes for no more than `most`. */
  finish(endSeconds: number, most = MOST_SPANS): readonly TraceSpan[] {
    const each = Math.max(1, Math.ceil(this.#spans.length / most));
    return Array.from({ length: Math.ceil(this.#spans.length / each) }, (_, row) => {
      const { gogcSum, gogcCount, ...sums } = this.#spans.slice(row * each, (row + 1) * each).reduce(joined);
      const fromSeconds = this.#startSeconds + row * each * this.#length;
      return {
        fromSeconds,
        toSeconds: Math.max(fromSeconds, Math.min(endSeconds, fromSeconds + each * this.#length)),
        ...sums,
        impliedGogc: gogcCount === 0 ? undefined : gogcSum / gogcCount,
      };
    });
  }

  #indexOf(seconds: number): number {
    for (;;) {
      const index = Math.max(0, Math.floor((seconds - this.#startSeconds) / this.#length));
      if (index < MOST_SPANS) return index;
      this.#double();
    }
  }

  #double(): void {
    this.#length *= 2;
    this.#spans = Array.from({ length: Math.ceil(this.#spans.length / 2) }, (_, i) =>
      joined(this.#spans[2 * i] ?? empty(), this.#spans[2 * i + 1] ?? empty()),
    );
  }

  #span(index: number): OpenSpan {
    while (this.#spans.length <= index) this.#spans.push(empty());
    return this.#spans[index] ?? empty();
  }
}

function empty(): OpenSpan {
  return {
    capacitySeconds: 0,
    gcSeconds: 0,
    assistSeconds: 0,
    stopSeconds: 0,
    idleSeconds: 0,
    runningSeconds: 0,
    cycles: 0,
    forced: 0,
    stoppedSeconds: 0,
    longestPauseSeconds: 0,
    heap: undefined,
    tight: 0,
    judged: 0,
    gogcSum: 0,
    gogcCount: 0,
  };
}

/** Two spans, one after the other, as one. */
function joined(a: OpenSpan, b: OpenSpan): OpenSpan {
  const sum = (key: keyof { [K in keyof OpenSpan as OpenSpan[K] extends number ? K : never]: 0 }): number =>
    a[key] + b[key];
  return {
    capacitySeconds: sum('capacitySeconds'),
    gcSeconds: sum('gcSeconds'),
    assistSeconds: sum('assistSeconds'),
    stopSeconds: sum('stopSeconds'),
    idleSeconds: sum('idleSeconds'),
    runningSeconds: sum('runningSeconds'),
    cycles: sum('cycles'),
    forced: sum('forced'),
    stoppedSeconds: sum('stoppedSeconds'),
    longestPauseSeconds: Math.max(a.longestPauseSeconds, b.longestPauseSeconds),
    heap: a.heap && b.heap ? joinedHeaps(a.heap, b.heap) : (b.heap ?? a.heap),
    tight: sum('tight'),
    judged: sum('judged'),
    gogcSum: sum('gogcSum'),
    gogcCount: sum('gogcCount'),
  };
}

/** The heap over two spans, or over one and a further cycle. */
export function joinedHeaps(a: SpanHeap, b: SpanHeap): SpanHeap {
  return {
    leastLiveBytes: Math.min(a.leastLiveBytes, b.leastLiveBytes),
    mostLiveBytes: Math.max(a.mostLiveBytes, b.mostLiveBytes),
    lastLiveBytes: b.lastLiveBytes,
    mostBytes: Math.max(a.mostBytes, b.mostBytes),
    lastGoalBytes: b.lastGoalBytes,
    mostGoalBytes: Math.max(a.mostGoalBytes, b.mostGoalBytes),
  };
}
