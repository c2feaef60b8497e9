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
