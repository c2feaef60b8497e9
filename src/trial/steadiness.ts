import { effectiveSampleSize } from '../statistics/autocorrelation.ts';
import { median } from '../statistics/descriptive.ts';
import { slopeEstimate } from '../statistics/theil-sen.ts';

/**
 * Parts of the window whose means the slope goes through: few enough that a saw-tooth of the collector does not follow
 * from one part to the next, enough for an interval, and a fixed amount of memory however long the window is.
 */
const BIN_COUNT = 12;
/** Fewer parts with readings than this say nothing about a drift: with six the slope has an interval. */
const LEAST_BINS = 6;
/**
 * The confidence of a drift's interval. A live heap under bursts scatters far more than any drift that is allowed: at 95 %
 * one trial in twenty would then be thrown out by chance. What a cell's trials drift by in common needs no single one.
 */
const CONFIDENCE = 0.995;

/** How far a quantity drifted over a window, as a signed fraction of its level, with what chance allows it to have been. */
export interface Drift {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Watches whether a quantity drifts over a window of known length, in constant memory. */
export class DriftWatch {
  readonly #start: number;
  readonly #confidence: number;
  readonly #binSeconds: number;
  readonly #sums = new Float64Array(BIN_COUNT);
  readonly #counts = new Uint32Array(BIN_COUNT);
  #readings = 0;

  /** `confidence`: of the slope's interval. */
  constructor(startSeconds: number, windowSeconds: number, confidence: number = CONFIDENCE) {
    this.#start = startSeconds;
    this.#confidence = confidence;
    this.#binSeconds = windowSeconds / BIN_COUNT;
  }

  /** Values taken in the window. */
  get readings(): number {
    return this.#readings;
  }

  /** Takes a value read at a time; times outside the window, whose last moment belongs to it, are ignored. */
  add(atSeconds: number, value: number): void {
    const place = (atSeconds - this.#start) / this.#binSeconds;
    if (place < 0 || place > BIN_COUNT) return;
    const bin = Math.min(BIN_COUNT - 1, Math.floor(place));
    this.#sums[bin] = (this.#sums[bin] ?? 0) + value;
    this.#counts[bin] = (this.#counts[bin] ?? 0) + 1;
    this.#readings += 1;
  }

  /**
   * Theil–Sen slope of the parts' means × window ÷ median level, with the interval of the slope; undefined where too
   * little was read, or where there is no level.
   */
  drift(): Drift | undefined {
    const { places, values } = this.#parts();
    if (values.length < LEAST_BINS) return undefined;
    const level = Math.abs(median(values));
    const { value, low, high } = slopeEstimate(places, values, this.#confidence);
    if (level === 0 || low === null || high === null) return undefined;
    return { value: value / level, low: low / level, high: high / level };
  }

  /**
   * How many times the variance of the slope is what it would be if the parts were independent of each other, after the slope
   * is taken out of them: 1 where they are, more where what is near in time is alike.
   */
  dependence(): number {
    const { places, values } = this.#parts();
    if (values.length < LEAST_BINS) return 1;
    const { value: slope } = slopeEstimate(places, values, this.#confidence);
    const rest = values.map((value, i) => value - slope * (places[i] ?? 0));
    return rest.length / effectiveSampleSize(rest);
  }

  /** The middles of the window's parts that were read in, as shares of it, and their means. */
  #parts(): { readonly places: readonly number[]; readonly values: readonly number[] } {
    const bins = [...this.#counts.keys()].filter((bin) => this.#counts[bin] !== 0);
    return {
      places: bins.map((bin) => (bin + 0.5) / BIN_COUNT),
      values: bins.map((bin) => (this.#sums[bin] ?? 0) / (this.#counts[bin] ?? 1)),
    };
  }
}
