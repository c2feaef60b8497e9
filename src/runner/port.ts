import { readdir, readlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { EnvironmentError } from '../errors.ts';
import type { Address } from './runner.ts';
import { listPids, readIfPresent } from './proc.ts';

/** The one address that targets serve on. */
export const LOOPBACK = '127.0.0.1';

/** A port of this machine's loopback for the target: a free one for `auto`, else the asked one if nothing holds it. Throws EnvironmentError `port-in-use`. */
export async function claimPort(port: number | 'auto'): Promise<number> {
  try {
    return await tryListen(port === 'auto' ? 0 : port);
  } catch (error) {
    throw await portError(error, port, {
      inUse: 'Stop that program, or set `target.port: auto` and use {port} in `target.args`',
      other: '`target.port: auto`',
    });
  }
}

/** Why a port of loopback cannot be listened on, with what to do about it; anything else passes through. */
export async function portError(
  error: unknown,
  port: number | 'auto',
  { inUse, other }: { readonly inUse: string; readonly other: string },
): Promise<unknown> {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EACCES') {
    return new EnvironmentError('port-not-permitted', `Port ${port} on ${LOOPBACK} cannot be opened by this user`, {
      hint: `Ports under 1024 are reserved: choose a higher one or ${other}`,
      cause: error,
    });
  }
  if (code !== 'EADDRINUSE' || port === 'auto') return error;
  const holder = await holderOfPort(port);
  const who = holder === undefined ? '' : ` by ${holder.name} (process ${holder.pid})`;
  return new EnvironmentError('port-in-use', `Port ${port} on ${LOOPBACK} is already in use${who}`, {
    hint: inUse,
    cause: error,
  });
}

/** What the kernel takes for the path of a unix socket (unix(7)), without the zero at its end. */
const MOST_SOCKET_BYTES = 107;

/** The address of a unix socket in a data folder. Throws EnvironmentError `socket-path-too-long`. */
export function socketAddress(unix: string, dataDirectory: string | undefined): Address {
  const socketPath = unix.replace('{data}', dataDirectory ?? '');
  if (Buffer.byteLength(socketPath) <= MOST_SOCKET_BYTES) return { host: 'localhost', port: 80, socketPath };
  throw new EnvironmentError('socket-path-too-long', `the path of the unix socket is too long: ${socketPath}`, {
    hint: `it may have ${MOST_SOCKET_BYTES} bytes: give it a shorter name, or set GCTUNE_CACHE to a folder with a shorter path`,
  });
}

/** The addresses of ports of this machine, by their names. */
export function addressesOf(ports: Readonly<Record<string, number>>): Readonly<Record<string, Address>> {
  return Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, { host: LOOPBACK, port }]));
}

/** The port of a target and its further ones, each claimed as `claimPort` does and all of them different. */
export async function claimPorts(wanted: {
  readonly port: number | 'auto' | undefined;
  readonly ports: Readonly<Record<string, number | 'auto'>>;
}): Promise<{ readonly port: number | undefined; readonly ports: Readonly<Record<string, number>> }> {
  const taken = new Set<number>();
  const claim = async (which: number | 'auto'): Promise<number> => {
    for (;;) {
      const port = await claimPort(which);
      // What was free a moment ago may be offered again.
      if (which === 'auto' && taken.has(port)) continue;
      taken.add(port);
      return port;
    }
  };
  const port = wanted.port === undefined ? undefined : await claim(wanted.port);
  const ports: Record<string, number> = {};
  for (const [name, which] of Object.entries(wanted.ports)) ports[name] = await claim(which);
  return { port, ports };
}

function tryListen(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host: LOOPBACK, port, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : port));
    });
  });
}

/** Who listens on a TCP port of this machine, where /proc tells (it tells only of processes that this user may look into). */
export async function holderOfPort(port: number): Promise<{ pid: number; name: string } | undefined> {
  const sockets = new Set<string>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of ((await readIfPresent(table)) ?? '').split('\n').slice(1)) {
      // Columns: local address `hex:port`, state (0A is LISTEN), and the socket's inode as the tenth.
      const columns = line.trim().split(/\s+/);
      const listening = columns[3] === '0A' && Number.parseInt(columns[1]?.split(':')[1] ?? '', 16) === port;
      if (listening) sockets.add(`socket:[${columns[9]}]`);
    }
  }
  if (sockets.size === 0) return undefined;
  for (const pid of await listPids()) {
    const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
    for (const descriptor of descriptors) {
      const link = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
      if (sockets.has(link)) return { pid, name: (await readIfPresent(`/proc/${pid}/comm`))?.trim() ?? 'a program' };
    }
  }
  return undefined;
}
