import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'undici';
import type { Readiness } from '../experiment/experiment.ts';
import { originOf } from '../text/origin.ts';
import type { Address } from '../runner/runner.ts';

/** How long to wait between two questions. */
const pollMilliseconds = 15;

/** Waits until the daemon answers 2xx on its readiness path. Never gives up by itself; the signal ends it. */
export async function answersHttp(
  readiness: Extract<Readiness, { kind: 'http' }>,
  address: Address,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const client = new Client(originOf(address), { connectTimeout: 1000 });
    try {
      const response = await client.request({
        method: 'GET',
        path: readiness.path,
        headersTimeout: 2000,
        bodyTimeout: 2000,
        signal,
      });
      await response.body.dump();
      if (response.statusCode >= 200 && response.statusCode < 300) return;
    } catch {
      // not there yet
    } finally {
      await client.destroy().catch(() => undefined);
    }
    await sleep(pollMilliseconds, undefined, { signal }).catch(() => undefined);
  }
}
