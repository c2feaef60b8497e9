import { setTimeout as sleep } from 'node:timers/promises';
import type { Outcome } from '../results/format.ts';
import type { Daemon } from '../runner/runner.ts';
import type { RunningLoad } from '../workload/workload.ts';
import { Ended, endedEarly } from './ended.ts';
import type { PhaseClock } from './phase-clock.ts';
import type { RunningService } from './services.ts';

/** What a trial watches for while it waits. */
export interface GuardOptions {
  readonly daemon: Daemon;
  readonly services: readonly RunningService[];
  readonly clock: PhaseClock;
  readonly limitBytes: number | undefined;
  readonly signal: AbortSignal;
  /** Throws what the disk refused so far. */
  readonly throwFailure: () => void;
}

/** Waits on behalf of a trial: until what is waited for is there, or the trial ends early. */
export class Guard {
  readonly #options: GuardOptions;
  #load: RunningLoad | undefined;

  constructor(options: GuardOptions) {
    this.#options = options;
  }

  /** From here on the generator must live, too. */
  watch(load: RunningLoad): void {
    this.#load = load;
  }

  /** Waits for something, unless an instance ends, the generator breaks, the disk fails or the run is aborted first. */
  async wait<T>(promise: Promise<T>): Promise<T> {
    const { daemon, services, clock, limitBytes, signal, throwFailure } = this.#options;
    const over = <E>(event: Promise<E>, outcome: (event: E) => Outcome): Promise<never> =>
      event.then((what) =>
        Promise.reject(new Ended(signal.aborted ? { kind: 'aborted', phase: clock.phase } : outcome(what))),
      );
    const guards = [over(daemon.exited, (exit) => endedEarly(exit, clock.phase, limitBytes))];
    for (const { ended } of services) guards.push(over(ended, serviceEnded));
    if (this.#load !== undefined) {
      guards.push(
        over(this.#load.broken, ({ message }) => apparatus('generator-broken', `the load generator died: ${message}`)),
      );
    }
    const result = await Promise.race([promise, ...guards]);
    if (signal.aborted) throw new Ended({ kind: 'aborted', phase: clock.phase });
    throwFailure();
    return result;
  }

  /** Lets time pass. */
  async pass(seconds: number): Promise<void> {
    const over = new AbortController();
    const signal = AbortSignal.any([over.signal, this.#options.signal]);
    try {
      await this.wait(sleep(Math.max(0, seconds) * 1000, undefined, { signal }).catch(() => undefined));
    } finally {
      over.abort();
    }
  }
}

/** What it means that a service ended by itself: nothing that the target can be blamed for. */
export function serviceEnded(message: string): Outcome {
  return apparatus('service-ended', message);
}

function apparatus(reason: string, message: string): Outcome {
  return { kind: 'invalid', reason, message, apparatus: true };
}
