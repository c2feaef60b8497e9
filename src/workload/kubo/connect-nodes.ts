import { isIP } from 'node:net';
import { EnvironmentError } from '../../errors.ts';
import type { Address } from '../../runner/runner.ts';
import { RequestFailed } from '../outgoing-request.ts';
import { RpcClient } from './rpc.ts';

/** How long the nodes may take to connect. */
const withinSeconds = 10;

/** Another node: where this machine reaches it, and at which host the target does. */
export interface OtherNode {
  readonly outside: Address;
  readonly insideHost: string;
}

/**
 * Has the target connect to another node, so that it finds its blocks over bitswap without any routing. Throws
 * EnvironmentError `second-node-unreachable`.
 */
export async function connectNodes(target: Address, other: OtherNode): Promise<void> {
  await using beside = new RpcClient(other.outside, withinSeconds, 1);
  await using node = new RpcClient(target, withinSeconds, 1);
  let swarm: string | undefined;
  try {
    await beside.post('id', { read: (text) => (swarm = swarmAddress(text, other.insideHost)) });
  } catch (error) {
    throw unreachable(error, 'the second node does not report its identity');
  }
  if (swarm === undefined) {
    throw new EnvironmentError('second-node-unreachable', 'the second node listens on no TCP port for other nodes', {
      hint: 'it must not run with --offline, and Addresses.Swarm of its configuration needs a /tcp/ address',
    });
  }
  try {
    await node.post(`swarm/connect?arg=${encodeURIComponent(swarm)}`, {});
  } catch (error) {
    throw unreachable(error, 'the target cannot connect to the second node');
  }
}

function unreachable(error: unknown, message: string): unknown {
  if (!(error instanceof RequestFailed)) return error;
  return new EnvironmentError('second-node-unreachable', message, { details: [error.kind], cause: error });
}

/** Where the node that answered `id` is reached from the target: its first plain TCP port, on the given host. */
export function swarmAddress(answer: string, host: string): string | undefined {
  const { Addresses: addresses } = JSON.parse(answer) as { readonly Addresses?: readonly unknown[] | null };
  for (const address of addresses ?? []) {
    const parts = /^\/ip[46]\/[^/]+\/tcp\/(\d+)\/p2p\/([A-Za-z0-9]+)$/.exec(String(address));
    if (parts !== null) return `/${hostProtocol(host)}/${host}/tcp/${parts[1]}/p2p/${parts[2]}`;
  }
  return undefined;
}

function hostProtocol(host: string): string {
  const version = isIP(host);
  return version === 0 ? 'dns4' : `ip${version}`;
}
