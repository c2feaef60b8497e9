import { drift } from '../statistics/theil-sen.ts';

/** Bins of the window: enough for a slope, and a fixed amount of memory however long the window is. */
const binCount = 24;
/** Fewer bins with readings than this say nothing about a drift. */
const leastBins = 8;

/** Watches whether a quantity drifts over a window of known length, in constant memory. */
export class DriftWatch {
  readonly #start: number;
  readonly #binSeconds: number;
  readonly #sums = new Float64Array(binCount);
  readonly #counts = new Uint32Array(binCount);

  constructor(startSeconds: number, windowSeconds: number) {
    this.#start = startSeconds;
    this.#binSeconds = windowSeconds / binCount;
  }

  /** Takes a value read at a time; times outside the window are ignored. */
  add(atSeconds: number, value: number): void {
    const bin = Math.floor((atSeconds - this.#start) / this.#binSeconds);
    if (bin < 0 || bin >= binCount) return;
    this.#sums[bin] = (this.#sums[bin] ?? 0) + value;
    this.#counts[bin] = (this.#counts[bin] ?? 0) + 1;
  }

  /** Theil–Sen slope × window ÷ median level, as a signed fraction; undefined where too little was read. */
  relativeDrift(): number | undefined {
    const seconds: number[] = [];
    const values: number[] = [];
    for (let bin = 0; bin < binCount; bin++) {
      const count = this.#counts[bin] ?? 0;
      if (count === 0) continue;
      seconds.push((bin + 0.5) * this.#binSeconds);
      values.push((this.#sums[bin] ?? 0) / count);
    }
    return seconds.length < leastBins ? undefined : drift(seconds, values);
  }
}
