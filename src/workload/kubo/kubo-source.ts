import type { KuboOperation, KuboWorkload } from '../../experiment/experiment.ts';
import type { Address } from '../../runner/runner.ts';
import { type RandomStream, seededStream } from '../../statistics/random.ts';
import type { LoadSource } from '../load-source.ts';
import type { OutgoingRequest } from '../outgoing-request.ts';
import { weightedChoice } from '../weighted-choice.ts';
import type { PreloadDone, ServiceAddresses } from '../workload.ts';
import { closedPorts } from './closed-ports.ts';
import { connectNodes } from './connect-nodes.ts';
import { Content } from './content.ts';
import { ErrorKinds } from './error-kinds.ts';
import { drawOperation, type Surroundings } from './operations.ts';
import { PinWalk } from './pin-walk.ts';
import { preload, type PreloadEntry } from './preload.ts';
import { RpcClient } from './rpc.ts';

/** Where the nodes are. */
export interface KuboNodes {
  readonly address: Address;
  readonly services: ServiceAddresses;
}

/**
 * Makes the requests of a kubo workload. What is asked, in which order, of what size and of which bytes follows from the
 * seed alone; only which file a pin is of goes on from the warm-up, because pins stay.
 *
 * Where the workload exchanges files, the target is connected to the other node first. That node's part of an
 * exchange (the `add`) is not the target's time and not in the latency; an arrival that waits for a connection is.
 * Rejects with EnvironmentError where the nodes are not fit for it.
 */
export async function openKuboSource(spec: KuboWorkload, nodes: KuboNodes, seed: number): Promise<LoadSource> {
  const all = [...spec.preload, ...spec.operations].map(({ operation }) => operation);
  const files: string[] = [];
  const surroundings: Surroundings = {
    content: new Content(seededStream(seed, 'content')),
    kinds: new ErrorKinds(),
    files,
    pins: new PinWalk(),
    closedPorts: await portsFor(all, nodes.address),
    others: await othersOf(all, spec, nodes),
  };
  const choose = weightedChoice(spec.operations, ({ weight }) => weight);
  return {
    draw: (random: RandomStream): OutgoingRequest => drawOperation(choose(random).operation, random, surroundings),
    preload: (): Promise<PreloadDone> => {
      const random = seededStream(seed, 'requests', 'preload');
      const entries = spec.preload.map((entry) => preloadEntry(entry, random, files, surroundings));
      return preload(entries, spec, nodes.address);
    },
  };
}

function preloadEntry(
  { operation, count }: KuboWorkload['preload'][number],
  random: RandomStream,
  files: string[],
  surroundings: Surroundings,
): PreloadEntry {
  const added: (string | undefined)[] = [];
  return {
    name: operation.kind,
    count,
    draw: (index) => {
      added.push(undefined);
      return drawOperation(operation, random, surroundings, (cid) => (added[index] = cid));
    },
    // In the order in which they were asked for, not in that of the answers: the seed chooses among them by index.
    finish: () => {
      for (const cid of added) if (cid !== undefined) files.push(cid);
    },
  };
}

async function portsFor(operations: readonly KuboOperation[], target: Address): Promise<readonly number[]> {
  const needed = operations.map((each) => (each.kind === 'connect' && each.transport === 'tcp' ? each.addresses : 0));
  const most = Math.max(0, ...needed);
  return most === 0 ? [] : closedPorts(target.host, most);
}

/** The other nodes of the exchanges, connected to the target. */
async function othersOf(
  operations: readonly KuboOperation[],
  { timeoutSeconds, connections }: KuboWorkload,
  { address, services }: KuboNodes,
): Promise<ReadonlyMap<string | undefined, RpcClient>> {
  const others = new Map<string | undefined, RpcClient>();
  for (const operation of operations) {
    if (operation.kind !== 'exchange' || others.has(operation.with)) continue;
    // Without a name there is only one.
    const other = operation.with === undefined ? Object.values(services)[0] : services[operation.with];
    if (other?.outside === undefined) throw new Error('an exchange needs a service that serves a port');
    await connectNodes(address, { outside: other.outside, insideHost: other.inside.host });
    others.set(operation.with, new RpcClient(other.outside, timeoutSeconds, connections));
  }
  return others;
}
