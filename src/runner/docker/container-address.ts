import { connect } from 'node:net';
import type Docker from 'dockerode';
import { LOOPBACK } from '../port.ts';
import type { Address } from '../runner.ts';

/** How long a container on this machine may take to answer a first packet; it needs well under a millisecond. */
const REACH_MILLISECONDS = 250;
/**
 * The container itself where this machine reaches it, else the port published on loopback. Published ports go through a proxy process
 * of the engine, which adds a tenth of a millisecond to each request (measured: median 0.26 instead of 0.17 ms) and takes CPU beside the target.
 */
export async function containerAddress(
  details: Docker.ContainerInspectInfo,
  port: number | undefined,
  local: boolean,
): Promise<Address | undefined> {
  if (port === undefined) return undefined;
  const inside = insideAddress(details);
  const published = details.NetworkSettings.Ports[`${port}/tcp`]?.[0]?.HostPort;
  // On an internal network nothing is published, and there is no other way.
  if (inside !== undefined && (published === undefined || (local && (await reaches({ host: inside, port })))))
    return { host: inside, port };
  return published === undefined ? undefined : { host: LOOPBACK, port: Number(published) };
}

/** The container's address on its one network; undefined where it has none. */
export function insideAddress(details: Docker.ContainerInspectInfo): string | undefined {
  const address = Object.values(details.NetworkSettings.Networks)[0]?.IPAddress;
  return address === '' ? undefined : address;
}

/** Whether packets get there and back: a port on which nothing listens yet refuses at once, and that is an answer too. */
function reaches(address: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ ...address, timeout: REACH_MILLISECONDS });
    const finish = (reached: boolean): void => {
      socket.destroy();
      resolve(reached);
    };
    socket.once('connect', () => finish(true));
    socket.once('timeout', () => finish(false));
    socket.once('error', (error: NodeJS.ErrnoException) => finish(error.code === 'ECONNREFUSED'));
  });
}
