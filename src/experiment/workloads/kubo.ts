import { z } from 'zod';
import { size } from '../schema/go-settings.ts';
import { choice, positiveNumber, truth, wholeNumber } from '../schema/leaf.ts';
import { arrivals, connections, rate, timeout } from './load.ts';
import { described, exactlyOne, listOf } from '../schema/parts.ts';

const range = z.strictObject({
  from: described(size(), 'The least size.', ['4KiB']),
  to: described(size(), 'The greatest size; at least “from”.', ['1MiB']),
});

const sizes = (example: string) =>
  described(
    z.union([size(), range]),
    'How many random bytes: one size for all, or from and to, spread evenly on a log scale.',
    [example, { from: '4KiB', to: '1MiB' }],
  );

const OPERATIONS = ['add', 'cat', 'block_get', 'dag_put', 'mfs_write', 'pin', 'connect', 'exchange'] as const;

const none = z.strictObject({});

const operations = {
  add: described(
    z
      .strictObject({
        size: sizes('256KiB'),
        pin: described(truth().prefault(false), 'Whether to pin what is added.', [false]),
      })
      .optional(),
    'Adds a file of random bytes.',
    [{ size: '256KiB' }],
  ),
  cat: described(none.optional(), 'Reads a file that the preload added.', [{}]),
  block_get: described(none.optional(), 'Reads the root block of a file that the preload added.', [{}]),
  dag_put: described(
    z.strictObject({ size: sizes('4KiB') }).optional(),
    'Stores a dag-cbor node that holds random bytes.',
    [{ size: '4KiB' }],
  ),
  mfs_write: described(
    z.strictObject({ size: sizes('4KiB') }).optional(),
    'Writes a new file into one directory of the mutable file system, which grows.',
    [{ size: '4KiB' }],
  ),
  pin: described(none.optional(), 'Pins a file that the preload added, the next time unpins it.', [{}]),
  connect: described(
    z
      .strictObject({
        addresses: described(wholeNumber(1, 64).prefault(8), 'Addresses of each peer.', [8]),
        transport: described(
          choice(['tcp', 'udp']).prefault('tcp'),
          'tcp: closed ports of the loopback interface, which are dialled and refuse; udp: addresses that the node has no transport for, so that they are stored and not dialled.',
          ['tcp'],
        ),
      })
      .optional(),
    'Connects to a peer that is not there, each time a new one: its addresses go into the peerstore.',
    [{ addresses: 8 }],
  ),
  exchange: described(
    z.strictObject({ size: sizes('256KiB') }).optional(),
    'Adds a file on the companion and reads it from the target, which fetches its blocks. Needs a companion.',
    [{ size: '256KiB' }],
  ),
};

const weighted = exactlyOne(OPERATIONS, {
  ...operations,
  weight: described(
    positiveNumber(1e9).prefault(1),
    'How often it comes, relative to the other operations of the workload.',
    [3],
  ),
});

const counted = exactlyOne(OPERATIONS, {
  ...operations,
  count: described(wholeNumber(1, 10_000_000), 'How many of them.', [4000]),
});

/** `kubo`: operations on the RPC API of a kubo node. */
export const kubo = z.strictObject({
  operations: described(listOf(weighted), 'What is asked of the node, chosen by weight.', [
    [{ add: { size: '256KiB' } }, { cat: {}, weight: 3 }],
  ]),
  rate,
  arrivals,
  timeout,
  connections,
  preload: described(
    z.array(counted).prefault([]),
    'What is done before the warm-up, in order, as fast as the node answers: it brings the heap to the size of a node that has been up for long.',
    [[{ connect: { addresses: 60, transport: 'udp' }, count: 4000 }]],
  ),
});
