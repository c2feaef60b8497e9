import { setTimeout as sleep } from 'node:timers/promises';
import type { Probe } from '../probe/probe.ts';
import type { ProbeId } from '../experiment/probe-ids.ts';
import type { Reading } from '../results/format.ts';
import type { RandomStream } from '../statistics/random.ts';

/** What a sampler needs. */
export interface SamplerOptions {
  readonly probes: readonly Probe[];
  /** Reads per second, on average. */
  readonly hertz: number;
  /** Draws the jitter, so that sampling never runs in step with something periodic in the target. */
  readonly random: RandomStream;
  /** Seconds since the trial's start. */
  readonly now: () => number;
  readonly onReading: (reading: Reading) => void;
}

/** Reads of one source that failed: how many, and what the last one said. */
export interface ReadFailure {
  readonly count: number;
  readonly last: string;
}

/** Each interval is drawn from 1 ± this share of the mean. */
const jitterShare = 0.2;
/** A read that takes longer than this counts as failed. */
const readTimeoutMilliseconds = 2000;

/**
 * Reads probes at a rate with jitter, one after the other, until it is stopped. A read that fails is counted and
 * the next one is tried; a source that says it has ended is left alone from then on.
 */
export class Sampler implements AsyncDisposable {
  readonly #options: SamplerOptions;
  readonly #stop = new AbortController();
  readonly #ended = new Set<ProbeId>();
  readonly #failures = new Map<ProbeId, ReadFailure>();
  #loop: Promise<void> = Promise.resolve();
  #reading: Promise<void> = Promise.resolve();

  constructor(options: SamplerOptions) {
    this.#options = options;
  }

  /** Begins to read. */
  start(): void {
    if (this.#options.probes.length > 0) this.#loop = this.#run();
  }

  /** One read of every probe now, outside the rhythm: at the edges of the window. */
  async readNow(): Promise<void> {
    this.#reading = this.#reading.then(() => this.#readAll());
    await this.#reading;
  }

  /** Failed reads by probe, with what the last one said. */
  get failures(): ReadonlyMap<ProbeId, ReadFailure> {
    return this.#failures;
  }

  /** Stops and waits for a read that is under way. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#loop;
    await this.#reading;
  }

  async #run(): Promise<void> {
    const mean = 1000 / this.#options.hertz;
    while (!this.#stop.signal.aborted) {
      await this.readNow();
      const wait = mean * (1 + jitterShare * (2 * this.#options.random.next() - 1));
      try {
        await sleep(wait, undefined, { signal: this.#stop.signal });
      } catch {
        return;
      }
    }
  }

  async #readAll(): Promise<void> {
    for (const probe of this.#options.probes) {
      if (this.#ended.has(probe.id) || this.#stop.signal.aborted) continue;
      const at = this.#options.now();
      try {
        const figures = await probe.read(
          AbortSignal.any([this.#stop.signal, AbortSignal.timeout(readTimeoutMilliseconds)]),
        );
        if (figures === undefined) this.#ended.add(probe.id);
        else this.#options.onReading({ at: round(at), probe: probe.id, v: figures });
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        const known = this.#failures.get(probe.id);
        this.#failures.set(probe.id, {
          count: (known?.count ?? 0) + 1,
          last: error instanceof Error ? error.message : String(error),
        });
      }
    }
  }
}

/** Times are kept to the microsecond. */
function round(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6;
}
