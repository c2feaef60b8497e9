import type { Pauses } from './gctrace-document.ts';

const TEN_MILLISECONDS = 0.01;

/**
 * How often each length of a stop was printed, in bounded memory. The runtime prints two digits below 10 ms and whole
 * milliseconds above, so that quantiles are exact; from a second on two digits are kept, which is within 5 %.
 */
export class PauseCounts {
  readonly #counts = new Map<number, number>();
  #count = 0;
  #total = 0;
  #longest = 0;
  #zeros = 0;

  add(seconds: number): void {
    const key = printed(seconds);
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    this.#count += 1;
    this.#total += seconds;
    this.#longest = Math.max(this.#longest, seconds);
    if (seconds === 0) this.#zeros += 1;
  }

  figures(): Pauses {
    const sorted = [...this.#counts].toSorted(([a], [b]) => a - b);
    const quantile = (p: number): number => {
      let left = Math.max(1, Math.ceil(p * this.#count));
      for (const [seconds, count] of sorted) {
        left -= count;
        if (left <= 0) return seconds;
      }
      return 0;
    };
    return {
      count: this.#count,
      totalSeconds: this.#total,
      medianSeconds: quantile(0.5),
      p99Seconds: quantile(0.99),
      longestSeconds: this.#longest,
      zeros: this.#zeros,
    };
  }
}

function printed(seconds: number): number {
  if (seconds >= TEN_MILLISECONDS && seconds < 1) return Math.round(seconds * 1000) / 1000;
  return Number(seconds.toPrecision(2));
}
