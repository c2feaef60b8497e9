import { setTimeout as sleep } from 'node:timers/promises';

/** What a promise gives; undefined where that takes longer than so many seconds, or the signal is aborted first. */
export async function within<T>(promise: Promise<T>, seconds: number, signal?: AbortSignal): Promise<T | undefined> {
  const cancel = new AbortController();
  const enough = signal === undefined ? cancel.signal : AbortSignal.any([cancel.signal, signal]);
  try {
    return await Promise.race([promise, sleep(seconds * 1000, undefined, { signal: enough }).catch(() => undefined)]);
  } finally {
    cancel.abort();
  }
}
