import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseProcStat, type ProcStat } from '../../linux/proc-stat.ts';

/** How often the children of what runs are looked up. A look takes about 0.01 ms a thread. */
const LOOK_MILLISECONDS = 100;
/** Most processes that are kept in mind; no target that can be measured has as many. */
const MOST = 10_000;
/** How long killed processes may take to leave. */
const LEAVE_MILLISECONDS = 2000;

/**
 * The processes that descend from one, kept in mind from when they are first seen, so that those which leave its group and
 * session, drop their environment or lose their parent are still known at the end. Known by pid and start, which name a
 * process for as long as the machine is up. Not seen: one whose parent ends less than a look after starting it.
 */
export class Descendants {
  readonly #starts = new Map<number, number>();
  readonly #onSeen: (pid: number, start: number) => void;

  constructor(onSeen: (pid: number, start: number) => void = () => undefined) {
    this.#onSeen = onSeen;
  }

  /** Adds a process that is to be followed; one that has ended is not. */
  add(pid: number, start = readStat(pid)?.startTicks): void {
    if (start === undefined || this.#starts.get(pid) === start || this.#starts.size >= MOST) return;
    this.#starts.set(pid, start);
    this.#onSeen(pid, start);
  }

  /** Looks for children of what is known, and for theirs; forgets what has ended. */
  look(): void {
    // A Map's keys are visited in the order in which they were added, those that are added meanwhile too.
    for (const pid of this.#starts.keys()) {
      const children = childrenOf(pid);
      // In this order: were the pid another process's by now, its children would be a stranger's.
      if (!this.#lives(pid)) this.#starts.delete(pid);
      else for (const child of children) if (readStat(child)?.parent === pid) this.add(child);
    }
  }

  /** Looks for children until the signal fires. */
  follow(signal: AbortSignal): void {
    this.look();
    const timer = setInterval(() => this.look(), LOOK_MILLISECONDS).unref();
    signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  }

  /** Kills all that is known and still lives, with its children; gives the pids of what could not be killed. */
  async kill(): Promise<readonly number[]> {
    // Stopped first, so that none can start another while it is looked for.
    for (let known = -1; known !== this.#starts.size;) {
      known = this.#starts.size;
      for (const pid of this.#starts.keys()) this.#signal(pid, 'SIGSTOP');
      this.look();
    }
    const pids = [...this.#starts.keys()];
    for (const pid of pids) this.#signal(pid, 'SIGKILL');
    for (const end = performance.now() + LEAVE_MILLISECONDS; performance.now() < end; await sleep(5)) {
      if (!pids.some((pid) => this.#lives(pid))) break;
    }
    return pids.filter((pid) => this.#lives(pid));
  }

  /** Those that still live. */
  get living(): readonly number[] {
    return [...this.#starts.keys()].filter((pid) => this.#lives(pid));
  }

  #lives(pid: number): boolean {
    const stat = readStat(pid);
    return stat !== undefined && stat.state !== 'Z' && stat.startTicks === this.#starts.get(pid);
  }

  #signal(pid: number, signal: 'SIGSTOP' | 'SIGKILL'): void {
    if (!this.#lives(pid)) return;
    try {
      process.kill(pid, signal);
    } catch {
      // Gone, or of another user: `kill` tells what is left.
    }
  }
}

/** The start of a ledger: whose processes these are. */
export interface LedgerHead {
  readonly runId: string;
  readonly owner: string;
}

/**
 * Descendants that are written down as they are seen, for `gctune clean` after this gctune was killed. `folder`: one that
 * only this user can write to; undefined where there is none, and then nothing is written.
 */
export function recorded(folder: string | undefined, head: LedgerHead): Descendants & Disposable {
  const path = folder === undefined ? undefined : join(folder, `${crypto.randomUUID()}.ledger`);
  let text = `${JSON.stringify(head)}\n`;
  const write = (line: string): void => {
    if (path === undefined) return;
    try {
      if (text === '') appendFileSync(path, line);
      else writeFileSync(path, text + line, { mode: 0o600 });
      text = '';
    } catch {
      // A full disk is no reason not to measure: what is seen is still known to this process.
    }
  };
  const descendants = new Descendants((pid, start) => write(`${pid} ${start}\n`));
  return Object.assign(descendants, {
    [Symbol.dispose]: () => {
      if (path !== undefined) rmSync(path, { force: true });
    },
  });
}

/** A ledger that lies in the folder: of a gctune that runs, or of one that was killed. */
export interface Ledger extends LedgerHead {
  readonly path: string;
  /** Adds those of them that still live; they have a meaning only on the boot and in the pid namespace of the owner. */
  addTo(descendants: Descendants): void;
}

/** Reads every ledger of a folder; what is none is left out. */
export function readLedgers(folder: string): readonly Ledger[] {
  return namesIn(folder)
    .filter((name) => name.endsWith('.ledger'))
    .flatMap((name) => readLedger(join(folder, name)) ?? []);
}

function readLedger(path: string): Ledger | undefined {
  try {
    // What follows the last line end is nothing, or a line that was cut short.
    const [first = '', ...lines] = readFileSync(path, 'utf8').split('\n').slice(0, -1);
    const head = JSON.parse(first) as Partial<LedgerHead> | null;
    if (typeof head?.runId !== 'string' || typeof head.owner !== 'string') return undefined;
    const seen = lines.map((line) => line.split(' ').map(Number));
    const addTo = (descendants: Descendants): void => {
      for (const [pid = 0, start = 0] of seen) if (readStat(pid)?.startTicks === start) descendants.add(pid, start);
    };
    return { path, runId: head.runId, owner: head.owner, addTo };
  } catch {
    return undefined;
  }
}

function readStat(pid: number): ProcStat | undefined {
  try {
    return parseProcStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return undefined;
  }
}

/** The children of all threads of a process (proc_pid_task_children of proc(5)); none where it has ended, or this kernel does not tell. */
function childrenOf(pid: number): readonly number[] {
  return namesIn(`/proc/${pid}/task`).flatMap((thread) => {
    try {
      return readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
    } catch {
      return [];
    }
  });
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
