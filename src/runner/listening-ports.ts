import { readdir, readlink } from 'node:fs/promises';
import { readIfPresent } from './proc.ts';

/** A port on which something listens, and whether only on a loopback address. */
export interface ListeningPort {
  readonly port: number;
  readonly loopbackOnly: boolean;
}

/** State LISTEN in `/proc/net/tcp` (Linux Documentation/networking/proc_net_tcp.rst). */
const LISTEN = '0A';

/** TCP ports on which anything in a process's network namespace listens, in ascending order. Empty where that cannot be seen. */
export async function listeningPorts(pid: number): Promise<readonly ListeningPort[]> {
  const [four, six] = await Promise.all([
    readIfPresent(`/proc/${pid}/net/tcp`),
    readIfPresent(`/proc/${pid}/net/tcp6`),
  ]);
  return parseListeningPorts(`${four ?? ''}\n${six ?? ''}`);
}

/** The parsing half of listeningPorts: lines `sl local_address rem_address st …`, addresses in hex, each word in the machine's byte order. */
export function parseListeningPorts(text: string): readonly ListeningPort[] {
  const ports = new Map<number, boolean>();
  for (const [, address = '', port = ''] of text.matchAll(
    new RegExp(`^ *\\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) [0-9A-F:]+ ${LISTEN} `, 'gm'),
  )) {
    const number = Number.parseInt(port, 16);
    ports.set(number, (ports.get(number) ?? true) && isLoopback(address));
  }
  return [...ports].map(([port, loopbackOnly]) => ({ port, loopbackOnly })).toSorted((a, b) => a.port - b.port);
}

/** 127.0.0.0/8, ::1 and ::ffff:127.0.0.0/104, on a little-endian machine (the only ones Go and Docker share widely). */
function isLoopback(address: string): boolean {
  if (address.length === 8) return address.endsWith('7F');
  return address === '00000000000000000000000001000000' || /^0{16}FFFF0000[0-9A-F]{6}7F$/.test(address);
}

/**
 * Where a process itself listens: `127.0.0.1:8080`, `[::1]:8080`, `unix socket /run/d.sock`. Undefined where that cannot be
 * seen. A path may hold any text.
 */
export async function listeningSockets(pid: number): Promise<readonly string[] | undefined> {
  const folder = `/proc/${pid}/fd`;
  const names = await readdir(folder).catch(() => undefined);
  if (names === undefined) return undefined;
  const links = await Promise.all(names.map((name) => readlink(`${folder}/${name}`).catch(() => '')));
  const inodes = new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
  const read = async (name: string): Promise<readonly string[]> =>
    ((await readIfPresent(`/proc/${pid}/net/${name}`)) ?? '').split('\n').map((line) => line.trim());
  const tcp = [...(await read('tcp')), ...(await read('tcp6'))].flatMap((line) => {
    // sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode …
    const fields = line.split(/\s+/);
    if (fields[3] !== LISTEN || !inodes.has(fields[9] ?? '')) return [];
    const [address = '', port = ''] = (fields[1] ?? '').split(':');
    return [`${addressText(address)}:${Number.parseInt(port, 16)}`];
  });
  const unix = (await read('unix')).flatMap((line) => {
    // Num RefCount Protocol Flags Type St Inode Path, where the flag 0x10000 (__SO_ACCEPTCON) says that it listens
    const [, flags, inode, path] = /^\S+ \S+ \S+ (\S+) \S+ \S+ +(\d+) ?(.*)$/.exec(line) ?? [];
    if (flags === undefined || (Number.parseInt(flags, 16) & 0x10000) === 0 || !inodes.has(inode ?? '')) return [];
    return [`unix socket ${path ?? ''}`];
  });
  return [...new Set([...tcp, ...unix])];
}

/** An address of /proc/net/tcp as people write it. */
function addressText(hex: string): string {
  const bytes = [...(hex.match(/.{8}/g) ?? [])].flatMap((word) => (word.match(/../g) ?? []).toReversed());
  if (bytes.length === 4) return bytes.map((byte) => Number.parseInt(byte, 16)).join('.');
  const groups = Array.from({ length: 8 }, (_, at) =>
    Number.parseInt(`${bytes[2 * at] ?? ''}${bytes[2 * at + 1] ?? ''}`, 16).toString(16),
  );
  // The URL parser writes IPv6 addresses in their short form.
  return new URL(`http://[${groups.join(':')}]`).hostname;
}
