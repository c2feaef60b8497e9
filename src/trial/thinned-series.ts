/** A value and when it was read, in seconds. */
export interface SeriesReading {
  readonly at: number;
  readonly value: number;
}

/** Readings of one quantity in the order of time, in bounded memory: whenever there are too many, every other one is dropped. */
export class ThinnedSeries {
  readonly #most: number;
  #readings: SeriesReading[] = [];
  #every = 1;
  #seen = 0;

  /** `most`: never so many readings are kept. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Those that are kept. */
  get readings(): readonly SeriesReading[] {
    return this.#readings;
  }

  /** Takes a reading. */
  add(at: number, value: number): void {
    if (this.#seen++ % this.#every !== 0) return;
    this.#readings.push({ at, value });
    if (this.#readings.length < this.#most) return;
    this.#readings = this.#readings.filter((_, i) => i % 2 === 0);
    this.#every *= 2;
  }
}
