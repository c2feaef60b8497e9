import { createServer } from 'node:net';
import type { Warning } from '../metrics/warning.ts';
import { parseCpuList } from '../linux/cpu-list.ts';
import { readIfPresent } from '../runner/proc.ts';

/**
 * A gctune that measures listens on an abstract socket of Linux whose name tells its process and its CPUs. Any other one
 * finds it in /proc/net/unix, whoever runs it; it needs no file, and is gone with the process however that ends.
 */
const PREFIX = 'gctune-run:';
const ENTRY = new RegExp(String.raw`@${PREFIX}(\d{1,10}):([\d,-]{1,200})$`, 'gm');

/** Another gctune that measures on this machine. */
export interface Neighbour {
  readonly pid: number;
  /** As taskset lists them. */
  readonly cpus: string;
}

/** Tells other gctunes that this one measures on these CPUs (as taskset lists them), until it is disposed. Linux only. */
export async function announce(cpus: string | undefined): Promise<AsyncDisposable> {
  if (process.platform !== 'linux' || cpus === undefined) return { [Symbol.asyncDispose]: async () => undefined };
  const server = createServer((socket) => socket.destroy());
  server.unref();
  await new Promise<void>((resolve) => {
    // That it cannot be told is no reason not to measure.
    server.once('error', () => resolve());
    server.listen(`\0${PREFIX}${process.pid}:${cpus}`, () => resolve());
  });
  return {
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  };
}

/** Other gctunes that measure on any of these CPUs now. */
export async function neighboursOn(cpus: string | undefined): Promise<readonly Neighbour[]> {
  const table = cpus === undefined ? undefined : await readIfPresent('/proc/net/unix');
  if (table === undefined || cpus === undefined) return [];
  const own = new Set(parseCpuList(cpus) ?? []);
  return [...table.matchAll(ENTRY)]
    .map(([, pid, theirs]) => ({ pid: Number(pid), cpus: String(theirs) }))
    .filter((other) => other.pid !== process.pid && (parseCpuList(other.cpus) ?? []).some((cpu) => own.has(cpu)));
}

/** What to say of them, all in one; nothing where there are none. */
export function neighbourWarnings(others: readonly Neighbour[]): readonly Warning[] {
  const [first, ...more] = others;
  if (first === undefined) return [];
  const cpus = [...new Set(others.map((other) => other.cpus))].join(' and ');
  const who =
    more.length === 0
      ? `another gctune (process ${first.pid}) is`
      : `${others.length} other gctunes (processes ${others.map(({ pid }) => pid).join(', ')}) are`;
  return [
    {
      code: 'another-gctune',
      message: `${who} measuring on CPUs ${cpus} at the same time: each disturbs the other's measurements`,
    },
  ];
}
