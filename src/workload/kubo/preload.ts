import { EnvironmentError } from '../../errors.ts';
import type { KuboWorkload } from '../../experiment/experiment.ts';
import type { Address } from '../../runner/runner.ts';
import { clientsFor, Connection } from '../connection.ts';
import type { OutgoingRequest } from '../outgoing-request.ts';
import { Tally } from '../tally.ts';
import type { PreloadDone } from '../workload.ts';

/** More at once would not be faster, and would leave the heap larger than what is to be kept in it. */
const mostConnections = 16;

/** So many failures without one success are enough to know. */
const hopelessAfter = 2 * mostConnections;

/** One entry of a preload: what it is called, how often it is done, and the request of each time. */
export interface PreloadEntry {
  readonly name: string;
  readonly count: number;
  draw(index: number): OutgoingRequest;
  /** Called when all of it has been answered. */
  finish(): void;
}

/**
 * Does the entries one after the other, each as fast as the target answers over at most 16 connections of its own.
 * Rejects with EnvironmentError `preload-failed` where more than half of an entry fails.
 */
export async function preload(
  entries: Iterable<PreloadEntry>,
  { timeoutSeconds, connections }: Pick<KuboWorkload, 'timeoutSeconds' | 'connections'>,
  address: Address,
): Promise<PreloadDone> {
  const startMs = performance.now();
  const errors = new Map<string, number>();
  let requests = 0;
  for (const entry of entries) {
    const parallel = Math.min(mostConnections, connections, entry.count);
    const tally = await doEntry(entry, address, timeoutSeconds, parallel);
    entry.finish();
    for (const [kind, count] of tally.errors) errors.set(kind, (errors.get(kind) ?? 0) + count);
    requests += tally.answered + failures(tally);
    if (failures(tally) > tally.answered) throw preloadFailed(entry, tally);
  }
  const seconds = (performance.now() - startMs) / 1000;
  return { seconds, requests, errors: Object.fromEntries([...errors].toSorted(([a], [b]) => (a < b ? -1 : 1))) };
}

async function doEntry(
  entry: PreloadEntry,
  address: Address,
  timeoutSeconds: number,
  parallel: number,
): Promise<Tally> {
  const tally = new Tally();
  const done = Promise.withResolvers<void>();
  let begun = 0;
  const next = (connection: Connection): void => {
    const failed = failures(tally);
    const hopeless = failed > entry.count / 2 || (tally.answered === 0 && failed >= hopelessAfter);
    if (begun < entry.count && !hopeless) {
      tally.sent(0);
      connection.send(entry.draw(begun++), performance.now(), tally);
    } else if (tally.inFlight === 0) {
      done.resolve();
    }
  };
  const clients = clientsFor(address, { connections: parallel, timeoutSeconds });
  const connections = clients.map((client) => new Connection(client, timeoutSeconds, next));
  try {
    for (const connection of connections) next(connection);
    await done.promise;
    return tally;
  } finally {
    for (const connection of connections) connection.dispose();
    await Promise.all(clients.map((client) => client.destroy()));
  }
}

function failures({ errors }: Tally): number {
  let sum = 0;
  for (const count of errors.values()) sum += count;
  return sum;
}

function preloadFailed({ name }: PreloadEntry, tally: Tally): EnvironmentError {
  const failed = failures(tally);
  const details = [...tally.errors].toSorted(([, a], [, b]) => b - a).map(([kind, count]) => `${count} × ${kind}`);
  const message = `the preload failed: ${failed} of ${failed + tally.answered} “${name}” failed`;
  return new EnvironmentError('preload-failed', message, { details });
}
