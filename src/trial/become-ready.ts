import { setTimeout as sleep } from 'node:timers/promises';
import type { Readiness } from '../experiment/experiment.ts';
import { listeningSockets } from '../runner/listening-ports.ts';
import type { Daemon } from '../runner/runner.ts';
import { answers, askHttp, askToConnect, type Question } from './readiness.ts';

/** What tells that an instance is ready. */
export interface ReadinessSigns {
  readonly ready: Readiness | undefined;
  readonly daemon: Pick<Daemon, 'address' | 'addresses' | 'pid'>;
  /** Its data folder on this machine, which `{data}` stands for. */
  readonly dataDirectory: string | undefined;
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
  { ready, daemon, dataDirectory, output }: ReadinessSigns,
  abort: AbortSignal,
): Promise<Unready | undefined> {
  if (ready === undefined) return undefined;
  const question = questionOf(ready, daemon, dataDirectory);
  const enough = new AbortController();
  const signal = AbortSignal.any([enough.signal, abort]);
  let said = ready.kind === 'output' ? `its output never held ${JSON.stringify(ready.contains)}` : 'it was not asked';
  const waiting = question === undefined ? output : answers(question, signal, (answer) => (said = answer));
  const late = sleep(ready.withinSeconds * 1000, false, { signal }).catch(() => false);
  try {
    if (await Promise.race([waiting.then(() => !signal.aborted), late])) return undefined;
  } finally {
    enough.abort();
  }
  // What it was just asked is told before it is given up.
  if (question !== undefined) await waiting;
  // A target that answers is asked in the right place.
  const silent = question !== undefined && ready.kind !== 'unix' && !/ answered \d/.test(said);
  return { said: silent ? `${said}; ${await whereItListens(daemon.pid)}` : said };
}

/** What the daemon is asked; undefined where its output is to say it. */
function questionOf(
  ready: Readiness,
  { address, addresses }: ReadinessSigns['daemon'],
  dataDirectory: string | undefined,
): Question | undefined {
  switch (ready.kind) {
    case 'output':
      return undefined;
    case 'http':
      return address && ((signal) => askHttp(ready.path, address, signal));
    case 'tcp': {
      const at = ready.port === true ? address : addresses[ready.port];
      return at && ((signal) => askToConnect(at, signal));
    }
    case 'unix': {
      const path = ready.path.replace('{data}', dataDirectory ?? '');
      return (signal) => askToConnect({ path }, signal);
    }
  }
}

async function whereItListens(pid: number | undefined): Promise<string> {
  const sockets = pid === undefined ? undefined : await listeningSockets(pid);
  if (sockets === undefined) return 'where it listens cannot be seen';
  return sockets.length === 0 ? 'it listens nowhere' : `it listens on ${sockets.join(', ')}`;
}
