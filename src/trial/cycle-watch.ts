import type { Probe } from '../probe/probe.ts';
import type { Reading } from '../results/format.ts';
import type { ReadFailure } from './sampler.ts';

/** What looking for the ends of GC cycles needs. */
export interface CycleWatchOptions {
  readonly probe: Probe;
  /** Looks per second. */
  readonly hertz: number;
  /** Seconds since the trial's start. */
  readonly now: () => number;
  readonly onReading: (reading: Reading) => void;
}

/** Looks for the end of each GC cycle with a probe that notices it, until it is closed. At most one reading a look. */
export class CycleWatch implements Disposable {
  readonly #options: CycleWatchOptions;
  readonly #timer: NodeJS.Timeout;
  #failure: ReadFailure | undefined;

  constructor(options: CycleWatchOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#look(), 1000 / options.hertz);
  }

  /** Failed looks, with what the last one said; undefined where none failed. */
  get failure(): ReadFailure | undefined {
    return this.#failure;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const { probe, now, onReading } = this.#options;
    const at = Math.round(now() * 1e6) / 1e6;
    try {
      const v = probe.cycle?.();
      if (v !== undefined) onReading({ at, probe: probe.id, v });
    } catch (error) {
      const last = error instanceof Error ? error.message : String(error);
      this.#failure = { count: (this.#failure?.count ?? 0) + 1, last };
    }
  }
}
