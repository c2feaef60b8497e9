import { setTimeout as sleep } from 'node:timers/promises';
import type { Exit } from '../results/format.ts';
import type { Daemon } from './runner.ts';

/** How a program ended by itself; undefined where it still runs after so long, or the signal is aborted first. */
export async function exitWithin(
  daemon: Pick<Daemon, 'exited'>,
  seconds: number,
  signal: AbortSignal,
): Promise<Exit | undefined> {
  const cancel = new AbortController();
  const late = sleep(seconds * 1000, undefined, { signal: AbortSignal.any([cancel.signal, signal]) }).catch(
    () => undefined,
  );
  try {
    return await Promise.race([daemon.exited, late]);
  } finally {
    cancel.abort();
  }
}
