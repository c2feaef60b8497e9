import { setTimeout as sleep } from 'node:timers/promises';
import type { Readiness } from '../experiment/experiment.ts';
import type { Address } from '../runner/runner.ts';
import { answersHttp } from './readiness.ts';

/** What tells that an instance is ready. */
export interface ReadinessSigns {
  readonly ready: Readiness | undefined;
  readonly address: Address | undefined;
  /** Resolves when its output has said so. */
  readonly output: Promise<void>;
}

/** Waits until an instance is ready; false where that took too long or the signal was aborted. */
export async function becomesReady({ ready, address, output }: ReadinessSigns, abort: AbortSignal): Promise<boolean> {
  if (ready === undefined) return true;
  const enough = new AbortController();
  const signal = AbortSignal.any([enough.signal, abort]);
  const waiting = ready.kind === 'output' || address === undefined ? output : answersHttp(ready, address, signal);
  const late = sleep(ready.withinSeconds * 1000, false, { signal }).catch(() => false);
  try {
    return await Promise.race([waiting.then(() => !signal.aborted), late]);
  } finally {
    enough.abort();
  }
}
