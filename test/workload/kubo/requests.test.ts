import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { KuboOperation } from '../../../src/experiment/experiment.ts';
import { seededStream } from '../../../src/statistics/random.ts';
import { openKuboSource } from '../../../src/workload/kubo/kubo-source.ts';
import { drawOperation, type Surroundings } from '../../../src/workload/kubo/operations.ts';
import { Content } from '../../../src/workload/kubo/content.ts';
import { ErrorKinds } from '../../../src/workload/kubo/error-kinds.ts';
import { PinWalk } from '../../../src/workload/kubo/pin-walk.ts';
import type { OutgoingRequest } from '../../../src/workload/outgoing-request.ts';
import { kuboSpec, sized } from '../support/kubo-spec.ts';

const size = { leastBytes: 100, mostBytes: 600_000 };
const nowhere = { address: { host: '127.0.0.1', port: 1 }, services: {} };
const drawn: readonly KuboOperation[] = [
  { kind: 'add', size, pin: false },
  { kind: 'dag-put', size: sized(1000) },
  { kind: 'mfs-write', size: sized(3000) },
  { kind: 'connect', addresses: 5, transport: 'udp' },
];

test('the same seed draws the same operations, sizes and bytes; another seed or phase others', async () => {
  const digests = async (seed: number, phase: string): Promise<string[]> => {
    const source = await openKuboSource(kuboSpec(drawn), nowhere, seed);
    const random = seededStream(seed, 'requests', phase);
    return Array.from({ length: 40 }, (_, index) => digest(source.draw(random, index)));
  };
  const first = await digests(1, 'window');
  assert.deepEqual(await digests(1, 'window'), first);
  const others = [...(await digests(2, 'window')), ...(await digests(1, 'warm-up'))];
  assert.deepEqual(
    first.filter((each) => others.includes(each)),
    [],
  );
  assert.equal(new Set(first).size, 40);
});

test('a body that is read again is the same', async () => {
  const source = await openKuboSource(kuboSpec(drawn), nowhere, 1);
  const request = source.draw(seededStream(1, 'requests', 'window'), 1);
  assert.equal(digest(request), digest(request));
});

test('operations come in the proportion of their weights', async () => {
  const operations = drawn.map((operation, index) => ({ operation, weight: index + 1 }));
  const source = await openKuboSource({ ...kuboSpec([]), operations }, nowhere, 1);
  const random = seededStream(1, 'requests', 'window');
  const counts = new Map<string, number>();
  for (let index = 0; index < 10_000; index++) {
    const command = /^\/api\/v0\/([a-z/]+)/.exec(source.draw(random, index).path)?.[1] ?? '';
    counts.set(command, (counts.get(command) ?? 0) + 1);
  }
  // Five standard deviations of a binomial count are at most 250.
  for (const [index, command] of ['add', 'dag/put', 'files/write', 'swarm/connect'].entries()) {
    const share = (index + 1) * 1000;
    assert.ok(Math.abs((counts.get(command) ?? 0) - share) < 250, `${command}: ${counts.get(command)}`);
  }
});

test('the body of an add is one part of random bytes of the drawn size', async () => {
  const random = seededStream(1, 'x');
  for (let draw = 0; draw < 20; draw++) {
    const request = drawOperation({ kind: 'add', size, pin: draw % 2 === 0 }, random, surroundings());
    assert.equal(
      request.path,
      `/api/v0/add?pin=${draw % 2 === 0}&chunker=size-262144&raw-leaves=true&cid-version=1&quieter=true&progress=false`,
    );
    const bytes = await filePart(request);
    assert.ok(bytes.length >= 100 && bytes.length <= 600_000, `${bytes.length} bytes`);
  }
});

test('a node of dag put holds bytes of the asked size', async () => {
  for (const bytes of [1, 2, 3, 1000]) {
    const request = drawOperation({ kind: 'dag-put', size: sized(bytes) }, seededStream(1, 'x'), surroundings());
    const node = JSON.parse((await filePart(request)).toString()) as { '/': { bytes: string } };
    assert.doesNotMatch(node['/'].bytes, /=/);
    assert.equal(Buffer.from(node['/'].bytes, 'base64').length, bytes);
  }
});

test('files are chosen among those that were added; every write is a new file', () => {
  const around = surroundings({ files: ['Qa', 'Qb', 'Qc'] });
  const random = seededStream(1, 'x');
  const paths = (operation: KuboOperation): string[] =>
    Array.from({ length: 60 }, () => drawOperation(operation, random, around).path);
  assert.deepEqual(
    [...new Set(paths({ kind: 'cat' }))].toSorted(),
    ['Qa', 'Qb', 'Qc'].map((file) => `/api/v0/cat?arg=${file}`),
  );
  assert.equal(new Set(paths({ kind: 'block-get' })).size, 3);
  assert.deepEqual(paths({ kind: 'pin' }).slice(0, 5), [
    '/api/v0/pin/add?arg=Qa',
    '/api/v0/pin/rm?arg=Qa',
    '/api/v0/pin/add?arg=Qb',
    '/api/v0/pin/rm?arg=Qb',
    '/api/v0/pin/add?arg=Qc',
  ]);
  const written = paths({ kind: 'mfs-write', size: sized(10) });
  assert.equal(new Set(written).size, 60);
  assert.match(written[0] ?? '', /^\/api\/v0\/files\/write\?arg=\/gctune\/[0-9a-f]{32}&create=true&parents=true$/);
});

test('a connect is to one new peer at so many different addresses', () => {
  const around = surroundings({ closedPorts: [914, 915, 916, 917] });
  const random = seededStream(1, 'x');
  const peers = new Set<string>();
  for (const [transport, addresses] of [
    ['tcp', 4],
    ['udp', 64],
  ] as const) {
    for (let draw = 0; draw < 50; draw++) {
      const { path } = drawOperation({ kind: 'connect', addresses, transport }, random, around);
      const found = [
        ...path.matchAll(/arg=\/ip4\/127\.0\.0\.1\/(tcp|udp)\/(\d+)\/p2p\/(12D3KooW[1-9A-HJ-NP-Za-km-z]{44})/g),
      ];
      assert.equal(path, `/api/v0/swarm/connect?${found.map(([text]) => text).join('&')}`);
      assert.equal(new Set(found.map(([, , port]) => port)).size, addresses);
      assert.deepEqual([...new Set(found.map(([, protocol]) => protocol))], [transport]);
      assert.equal(new Set(found.map(([, , , peer]) => peer)).size, 1);
      peers.add(found[0]?.[3] ?? '');
      for (const [, , port] of found) {
        assert.ok(
          transport === 'udp'
            ? Number(port) >= 1024 && Number(port) < 65_536
            : around.closedPorts.includes(Number(port)),
        );
      }
    }
  }
  assert.equal(peers.size, 100);
});

function surroundings(differing: Partial<Surroundings> = {}): Surroundings {
  return {
    content: new Content(seededStream(1, 'content')),
    kinds: new ErrorKinds(),
    files: [],
    pins: new PinWalk(),
    closedPorts: [],
    others: new Map(),
    ...differing,
  };
}

function digest({ path, headers, body }: OutgoingRequest): string {
  return createHash('sha256')
    .update(path)
    .update(headers.join())
    .update(body ?? '')
    .digest('hex');
}

/** The file in a multipart body, as another implementation reads it. */
async function filePart({ headers, body }: OutgoingRequest): Promise<Buffer> {
  assert.ok(body instanceof Buffer);
  assert.deepEqual([headers.length, headers[0]], [2, 'Content-Type']);
  const form = await new Response(new Uint8Array(body), { headers: { 'Content-Type': headers[1] ?? '' } }).formData();
  assert.deepEqual([...form.keys()], ['file']);
  const file = form.get('file');
  assert.ok(file instanceof File);
  return Buffer.from(await file.arrayBuffer());
}
