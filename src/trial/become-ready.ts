import { setTimeout as sleep } from 'node:timers/promises';
import type { Readiness } from '../experiment/experiment.ts';
import { listeningSockets } from '../runner/listening-ports.ts';
import type { Daemon } from '../runner/runner.ts';
import { answersHttp } from './readiness.ts';

/** What tells that an instance is ready. */
export interface ReadinessSigns {
  readonly ready: Readiness | undefined;
  readonly daemon: Pick<Daemon, 'address' | 'pid'>;
  /** Resolves when its output has said so. */
  readonly output: Promise<void>;
}

/** An instance that has not become ready in time, or before the signal was aborted. */
export interface Unready {
  /** What it answered last, and where it listens if not where it is asked; one line. */
  readonly said: string;
}

/** Waits until an instance is ready; gives what it said last where that took too long or the signal was aborted. */
export async function becomesReady(
  { ready, daemon, output }: ReadinessSigns,
  abort: AbortSignal,
): Promise<Unready | undefined> {
  const { address } = daemon;
  if (ready === undefined) return undefined;
  const enough = new AbortController();
  const signal = AbortSignal.any([enough.signal, abort]);
  const byOutput = ready.kind === 'output' || address === undefined;
  let said = ready.kind === 'output' ? `its output never held ${JSON.stringify(ready.contains)}` : 'it was not asked';
  const waiting = byOutput ? output : answersHttp(ready, address, signal, (answer) => (said = answer));
  const late = sleep(ready.withinSeconds * 1000, false, { signal }).catch(() => false);
  try {
    if (await Promise.race([waiting.then(() => !signal.aborted), late])) return undefined;
  } finally {
    enough.abort();
  }
  // What it was just asked is told before it is given up.
  if (!byOutput) await waiting;
  // A target that answers is asked in the right place.
  return { said: byOutput || / answered \d/.test(said) ? said : `${said}; ${await whereItListens(daemon.pid)}` };
}

async function whereItListens(pid: number | undefined): Promise<string> {
  const sockets = pid === undefined ? undefined : await listeningSockets(pid);
  if (sockets === undefined) return 'where it listens cannot be seen';
  return sockets.length === 0 ? 'it listens nowhere' : `it listens on ${sockets.join(', ')}`;
}
