import { connect } from 'node:net';
import { EnvironmentError } from '../../errors.ts';

/** Ports that no service has been assigned (IANA's registry, 2026): where one of them is open, it is by chance. */
const unassigned: readonly number[] = [...range(914, 952), ...range(954, 985)];

/**
 * Ports of a host that refuse connections, so that dialling them is over at once and disturbs nobody. A target in a
 * container has a loopback interface of its own, on which nothing but the target listens. Throws EnvironmentError
 * `ports-in-use` where there are fewer than so many.
 */
export async function closedPorts(host: string, atLeast: number): Promise<readonly number[]> {
  const open = await Promise.all(unassigned.map((port) => accepts(host, port)));
  const closed = unassigned.filter((_port, index) => open[index] === false);
  if (closed.length >= atLeast) return closed;
  const message = `${atLeast} closed ports are needed for connections that fail; of ports 914 to 985 only ${closed.length} are`;
  throw new EnvironmentError('ports-in-use', message, { hint: 'give the operation fewer addresses' });
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1000 });
    const end = (open: boolean): void => {
      socket.destroy();
      resolve(open);
    };
    socket.once('connect', () => end(true));
    // A port that does not answer at all is not closed: dialling it would take long.
    socket.once('timeout', () => end(true));
    socket.once('error', () => end(false));
  });
}

function range(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
