import { listed } from '../../text/words.ts';
import { z } from 'zod';
import type { Problem } from '../check/diagnose.ts';
import { size } from '../schema/go-settings.ts';
import { choice, positiveNumber, text, truth, wholeNumber } from '../schema/leaf.ts';
import { alternatives, described, exactlyOne, listOf, section, tagged, type Frozen } from '../schema/parts.ts';
import { bearable, storedAs, storedForm } from '../schema/stored.ts';
import { formatFraction } from '../../units/format-units.ts';
import { quote, writeSize } from '../../units/units.ts';
import type { KindOfWorkload, Surroundings } from './kind.ts';
import { checkRate, describeLoad, LOAD, peakOf, spikeOfLoad, type Load } from './load.ts';

const range = section(
  {
    from: described(size(), 'The smallest size.', ['4KiB']),
    to: described(size(), 'The largest size; at least “from”.', ['1MiB']),
  },
  { from: 'leastBytes', to: 'mostBytes' },
);

const oneSize = storedAs(
  size().transform((bytes) => ({ leastBytes: bytes, mostBytes: bytes })),
  storedForm(range),
);

const sizes = (example: string) =>
  described(
    z.union([oneSize, range]),
    'Number of random bytes: one size for all, or from and to, distributed evenly on a log scale.',
    [example, { from: '4KiB', to: '1MiB' }],
  );

/** The operations, by the key that names each in a file. */
const OPERATIONS = {
  add: described(
    tagged('add', {
      size: sizes('256KiB'),
      pin: described(truth().prefault(false), 'Whether to pin the added file.', [false]),
    }).optional(),
    'Adds a file of random bytes.',
    [{ size: '256KiB' }],
  ),
  cat: described(tagged('cat', {}).optional(), 'Reads a file that the preload added.', [{}]),
  block_get: described(tagged('block-get', {}).optional(), 'Reads the root block of a file that the preload added.', [
    {},
  ]),
  dag_put: described(
    tagged('dag-put', { size: sizes('4KiB') }).optional(),
    'Stores a dag-cbor node that holds random bytes.',
    [{ size: '4KiB' }],
  ),
  mfs_write: described(
    tagged('mfs-write', { size: sizes('4KiB') }).optional(),
    'Writes a new file into one directory of the mutable file system (MFS), which grows.',
    [{ size: '4KiB' }],
  ),
  pin: described(tagged('pin', {}).optional(), 'Pins a file that the preload added; the next time, unpins it.', [{}]),
  connect: described(
    tagged('connect', {
      addresses: described(wholeNumber(1, 64).prefault(8), 'Number of addresses of each peer.', [8]),
      transport: described(
        choice(['tcp', 'udp']).prefault('tcp'),
        'tcp: closed ports on the loopback interface, which are dialled and refuse; udp: addresses without a transport in the node, which are stored but not dialled.',
        ['tcp'],
      ),
    }).optional(),
    'Connects to a new, unreachable peer each time: its addresses go into the peerstore.',
    [{ addresses: 8 }],
  ),
  exchange: described(
    tagged('exchange', {
      size: sizes('256KiB'),
      with: described(text('line').optional(), 'The service that is the other node. Default: the only service.', [
        'peer',
      ]),
    }).optional(),
    'Adds a file on a second kubo node, which is a service, and reads it from the target, which fetches its blocks.',
    [{ size: '256KiB' }, { size: '256KiB', with: 'peer' }],
  ),
};

type OperationKey = keyof typeof OPERATIONS;
const KEYS = Object.keys(OPERATIONS) as readonly OperationKey[];

/** One thing that a kubo node is asked to do over its RPC API. */
export type KuboOperation = Frozen<NonNullable<z.output<(typeof OPERATIONS)[OperationKey]>>>;
/** Sizes in bytes: all the same, or spread evenly on a log scale between two. */
export type SizeRange = Frozen<z.output<typeof range>>;

/** The only one of the operations of a mapping that is there. */
function operationOf(given: { readonly [K in OperationKey]?: KuboOperation | undefined }): KuboOperation {
  return KEYS.map((key) => given[key]).find((operation) => operation !== undefined) as KuboOperation;
}

const operation = z.union(
  KEYS.map((key) => storedForm((OPERATIONS[key] as z.ZodOptional<z.ZodType<KuboOperation>>).unwrap())),
);

const weighted = exactlyOne(KEYS, {
  ...OPERATIONS,
  weight: described(
    positiveNumber(1e9).prefault(1),
    'How often it is requested, relative to the other operations of the workload.',
    [3],
  ),
}).transform(({ weight, ...given }) => ({ operation: operationOf(given), weight }));

const counted = exactlyOne(KEYS, {
  ...OPERATIONS,
  count: described(wholeNumber(1, 10_000_000), 'Number of operations.', [4000]),
}).transform(({ count, ...given }) => ({ operation: operationOf(given), count }));

const kubo = z
  .strictObject({
    operations: described(listOf(weighted), 'The operations requested of the node, chosen by weight.', [
      [{ add: { size: '256KiB' } }, { cat: {}, weight: 3 }],
    ]),
    ...LOAD,
    preload: described(
      z.array(counted).prefault([]),
      'Operations before the warm-up, in order, as fast as the node answers: they bring the heap to the size of a node that has been running for a long time.',
      [[{ connect: { addresses: 60, transport: 'udp' }, count: 4000 }]],
    ),
  })
  .transform(({ timeout, ...load }): KuboWorkload => ({
    kind: 'kubo',
    ...load,
    timeoutSeconds: timeout,
  }));

/** An operation and how often it comes, relative to the others. */
export interface WeightedOperation {
  readonly operation: KuboOperation;
  readonly weight: number;
}

/** Open-loop load on the RPC API of a kubo node. */
export interface KuboWorkload extends Load {
  readonly kind: 'kubo';
  readonly operations: readonly WeightedOperation[];
  /** Done before the warm-up, as fast as the node answers over all connections. */
  readonly preload: readonly { readonly operation: KuboOperation; readonly count: number }[];
}

const stored: z.ZodType<KuboWorkload> = z.object({
  kind: z.literal('kubo'),
  operations: z.array(z.object({ operation, weight: bearable.min(0) })),
  rate: storedForm(LOAD.rate),
  arrivals: storedForm(LOAD.arrivals),
  timeoutSeconds: storedForm(LOAD.timeout),
  connections: storedForm(LOAD.connections),
  preload: z.array(z.object({ operation, count: z.int().min(0) })),
});

/** The largest file of an operation. */
const LARGEST_BYTES = 256 * 2 ** 20;

/** What the operations need of each other and of the rest of the file. */
function check({ preload, operations, rate }: KuboWorkload, path: Problem['path'], around: Surroundings): Problem[] {
  const firstAdd = preload.findIndex((step) => step.operation.kind === 'add');
  const problems = (one: KuboOperation, entry: Problem['path'], hasFiles: boolean): Problem[] => {
    const at = [...entry, one.kind.replace('-', '_')];
    return [...sizeProblems(one, at), ...(hasFiles ? [] : needsFiles(one, at)), ...otherNode(one, at, around)];
  };
  return [
    ...checkRate(rate, [...path, 'rate']),
    ...preload.flatMap((step, index) =>
      problems(step.operation, [...path, 'preload', index], firstAdd !== -1 && firstAdd < index),
    ),
    ...operations.flatMap((step, index) => problems(step.operation, [...path, 'operations', index], firstAdd !== -1)),
  ];
}

function sizeProblems(one: KuboOperation, at: Problem['path']): Problem[] {
  if (!('size' in one)) return [];
  const { leastBytes, mostBytes } = one.size;
  const path = [...at, 'size'];
  if (leastBytes > mostBytes) {
    return [{ code: 'bad-range', path: [...path, 'to'], message: 'it is less than “from”', hint: 'swap the two' }];
  }
  if (mostBytes <= LARGEST_BYTES) return [];
  const message = `the load generator holds each file in memory, and ${writeSize(mostBytes)} is too much`;
  return [{ code: 'bad-size', path, message, hint: `write at most ${writeSize(LARGEST_BYTES)}` }];
}

function needsFiles({ kind }: KuboOperation, path: Problem['path']): Problem[] {
  if (kind !== 'cat' && kind !== 'block-get' && kind !== 'pin') return [];
  const message = 'there is no file for it: the preload does not add one first';
  const hint = 'add to the preload: {add: {size: 256KiB}, count: 100}';
  return [{ code: 'no-files', path, atKey: true, message, hint }];
}

/** The second node of an exchange has to be one of the services. */
function otherNode(one: KuboOperation, path: Problem['path'], { services }: Surroundings): Problem[] {
  if (one.kind !== 'exchange') return [];
  if (services.length === 0) {
    const message = 'there is no second node to exchange blocks with';
    const hint = 'add a kubo node at top level: services: { peer: { module: …, args: [daemon], port: 5001, … } }';
    return [{ code: 'no-second-node', path, atKey: true, message, hint }];
  }
  if (one.with === undefined && services.length > 1) {
    const message = 'there are several services, and it does not say which is the second node';
    return [{ code: 'no-second-node', path, atKey: true, message, hint: `add with: one of ${alternatives(services)}` }];
  }
  if (one.with === undefined || services.includes(one.with)) return [];
  const message = `there is no service ${quote(one.with)}`;
  return [{ code: 'unknown-service', path: [...path, 'with'], message, hint: `it is one of ${services.join(', ')}` }];
}

/** `add of 256 KiB`, or `75 % cat and 25 % add of 256 KiB`. */
function operationsText({ operations }: KuboWorkload): string {
  const total = operations.reduce((sum, { weight }) => sum + weight, 0);
  return listed(
    operations.map(({ operation, weight }) => {
      const share = operations.length === 1 ? '' : `${formatFraction(weight / total)} `;
      return share + operationText(operation);
    }),
  );
}

function preloadText({ preload }: KuboWorkload): string {
  if (preload.length === 0) return '';
  return `, after a preload of ${listed(preload.map(({ operation, count }) => `${count} × ${operationText(operation)}`))}`;
}

function operationText(operation: KuboOperation): string {
  switch (operation.kind) {
    case 'add':
      return `add of ${sizeText(operation.size)}${operation.pin ? ', pinned' : ''}`;
    case 'cat':
    case 'pin':
      return operation.kind;
    case 'block-get':
      return 'block get';
    case 'dag-put':
      return `dag put of ${sizeText(operation.size)}`;
    case 'mfs-write':
      return `MFS write of ${sizeText(operation.size)}`;
    case 'connect':
      return `connect to a new peer with ${operation.addresses} ${operation.transport.toUpperCase()} addresses`;
    case 'exchange':
      return `exchange of ${sizeText(operation.size)}`;
  }
}

function sizeText({ leastBytes, mostBytes }: SizeRange): string {
  const [least = '', most = ''] = [leastBytes, mostBytes].map((bytes) => writeSize(bytes).replace(/(\d)(\D)/, '$1 $2'));
  return least === most ? least : `${least} to ${most}`;
}

/** `kubo`. */
export const KUBO = {
  schema: described(
    storedAs(kubo, stored).optional(),
    'Operations on the RPC API of a kubo node, at a fixed rate (open loop).',
    [{ operations: [{ add: { size: '256KiB' } }], rate: '25/s' }],
  ),
  unit: 'request',
  simulated: false,
  describe: (spec) => `kubo, ${operationsText(spec)}, ${describeLoad(spec)}${preloadText(spec)}`,
  check,
  peakPerSecond: ({ rate }) => peakOf(rate),
  preloaded: ({ preload }) => preload.reduce((sum, { count }) => sum + count, 0),
  spike: (spec, rate, heap) => ({
    ...spikeOfLoad(spec, rate),
    preload: spec.preload.map((step) => ({ ...step, count: Math.ceil(step.count * heap) })),
  }),
} as const satisfies KindOfWorkload<KuboWorkload>;
