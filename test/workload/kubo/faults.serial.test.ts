import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { EnvironmentError } from '../../../src/errors.ts';
import type { KuboOperation } from '../../../src/experiment/experiment.ts';
import type { WorkDone } from '../../../src/results/format.ts';
import type { Address } from '../../../src/runner/runner.ts';
import { makeWorkload } from '../../../src/workload/make-workload.ts';
import type { ServiceAddresses } from '../../../src/workload/workload.ts';
import { kuboSpec, sized } from '../support/kubo-spec.ts';
import { listen, serve } from '../support/serving.ts';

const add: KuboOperation = { kind: 'add', size: sized(2000), pin: false };
const put: KuboOperation = { kind: 'dag-put', size: sized(100) };
const cid = 'bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy';

test('an RPC port that takes connections and never answers gives timeouts', async () => {
  await using server = await listen(createServer((socket) => void socket.resume().on('error', () => undefined)));
  const work = await load({ operations: [put], timeoutSeconds: 0.1 }, server.address);
  assert.ok(work.intended > 0);
  assert.equal(work.completed, 0);
  assert.equal((work.errors['timeout'] ?? 0) + work.dropped, work.intended);
});

test('a preload that nothing answers ends early and says what went wrong', async () => {
  await using server = await listen(createServer((socket) => void socket.resume().on('error', () => undefined)));
  const spec = kuboSpec([put], { timeoutSeconds: 0.1, preload: [{ operation: add, count: 100_000 }] });
  await assert.rejects(preload(spec, server.address), (error) => {
    assert.ok(error instanceof EnvironmentError);
    assert.equal(error.code, 'preload-failed');
    assert.match(error.message, /^the preload failed: \d+ of \d+ “add” failed$/);
    assert.match(error.details.join('\n'), /^\d+ × timeout$/);
    return true;
  });
});

test('a preload of which less than half fails is done, and its errors are counted', async () => {
  let asked = 0;
  await using server = await serve(async (request, response) => {
    for await (const _chunk of request);
    if (asked++ % 3 === 0) refuse(response, 500, 'the disk is full');
    else accept(response, `{"Name":"file","Hash":"${cid}","Size":"12"}\n`);
  });
  const spec = kuboSpec([{ kind: 'cat' }], { preload: [{ operation: add, count: 30 }] });
  const done = await preload(spec, server.address);
  assert.deepEqual([done.requests, done.errors], [30, { 'the disk is full': 10 }]);
  assert.equal(asked, 30);
});

test('a preload of which more than half fails is given up', async () => {
  let asked = 0;
  await using server = await serve(async (request, response) => {
    for await (const _chunk of request);
    if (asked++ % 3 !== 0) refuse(response, 500, 'the disk is full');
    else accept(response, `{"Name":"file","Hash":"${cid}","Size":"12"}\n`);
  });
  const spec = kuboSpec([{ kind: 'cat' }], { preload: [{ operation: add, count: 30 }] });
  await assert.rejects(preload(spec, server.address), (error) => {
    assert.ok(error instanceof EnvironmentError);
    // At the 16th it is decided; as many as 7 others may be under way then.
    assert.match(error.details.join('\n'), /^(16|17|18|19|20) × the disk is full$/);
    return true;
  });
});

const faults: Readonly<Record<string, readonly [kind: string, answer: (response: ServerResponse) => void]>> = {
  'an error as JSON': ['merkledag: … not found', (response) => refuse(response, 500, `merkledag: ${cid} not found`)],
  'an error after the answer has begun': [
    'unexpected EOF',
    (response) => {
      response.writeHead(200, { Trailer: 'X-Stream-Error', 'X-Chunked-Output': '1' });
      response.write('{}');
      response.addTrailers({ 'X-Stream-Error': 'unexpected EOF' });
      response.end();
    },
  ],
  'a page of some other server': [
    "not an answer of kubo's RPC API: status 200",
    (response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>hello</html>'),
  ],
  'a path that is not there': [
    "not an answer of kubo's RPC API: status 404",
    (response) => response.writeHead(404).end('404 page not found'),
  ],
  'JSON that is no error': [
    "not an answer of kubo's RPC API: status 500",
    (response) => response.writeHead(500).end('null'),
  ],
  'an answer without the CID': ['an unreadable answer from kubo', (response) => accept(response, '{"Name":"file"}')],
  'a CID that is none': ['an unreadable answer from kubo', (response) => accept(response, '{"Hash":"../../id?"}')],
};
for (const [name, [kind, answer]] of Object.entries(faults)) {
  test(`${name} is an error of its kind`, async () => {
    await using server = await serve(async (request, response) => {
      for await (const _chunk of request);
      answer(response);
    });
    const work = await load({ operations: [add] }, server.address);
    assert.ok(work.intended > 0);
    assert.deepEqual(work.errors, { [kind]: work.intended });
  });
}

test('however many errors a node thinks of, they are of few kinds', async () => {
  let asked = 0;
  await using server = await serve(async (request, response) => {
    for await (const _chunk of request);
    refuse(response, 500, `failed by ${'abcdefghijklmnopqrstuvwxyz'[asked++ % 26]}\u001b[31m`);
  });
  const work = await load({ operations: [put], perSecond: 400 }, server.address);
  const kinds = Object.keys(work.errors);
  assert.ok(work.intended > 26);
  assert.equal(kinds.length, 21);
  assert.ok(kinds.includes('other') && kinds.includes('failed by a'), kinds.join());
});

test('a failed dial is the work of a connect; another error is none', async () => {
  for (const [message, errors] of [
    ['connect X failure: failed to dial: failed to dial X: all dials failed\n  * [/ip4/1] refused', []],
    ['connect X failure: no good addresses', []],
    ['invalid value "x" for protocol p2p', ['invalid value … for protocol …']],
  ] as const) {
    await using server = await serve((_request, response) => refuse(response, 500, message));
    const connect = { kind: 'connect', addresses: 3, transport: 'udp' } as const;
    const work = await load({ operations: [connect] }, server.address);
    assert.ok(work.intended > 0);
    assert.deepEqual(Object.keys(work.errors), errors);
  }
});

test('what goes wrong on the second node is said to, and its time is not the target’s', async () => {
  for (const slow of [false, true]) {
    const fetched: (string | undefined)[] = [];
    await using target = await serve((request, response) => {
      fetched.push(request.url);
      accept(response, '{}');
    });
    await using beside = await serve(async (request, response) => {
      for await (const _chunk of request);
      const id =
        '{"ID":"12D3x","Addresses":["/ip4/127.0.0.1/udp/1/quic-v1/p2p/12D3x","/ip4/10.0.0.2/tcp/4001/p2p/12D3x"]}';
      if (request.url === '/api/v0/id') return accept(response, id);
      if (!slow) return refuse(response, 500, 'no space left');
      await sleep(1000);
      return accept(response, `{"Hash":"${cid}"}`);
    });
    const services = { peer: { outside: beside.address, inside: { host: 'other', port: 1, ports: {} } } };
    const exchange = { kind: 'exchange', size: sized(1000) } as const;
    const work = await load({ operations: [exchange], connections: 64 }, target.address, services);
    assert.ok(work.intended > 0);
    assert.equal(fetched[0], '/api/v0/swarm/connect?arg=%2Fdns4%2Fother%2Ftcp%2F4001%2Fp2p%2F12D3x');
    if (slow) {
      assert.deepEqual([work.completed, work.errors], [work.intended, {}]);
      assert.deepEqual([...new Set(fetched.slice(1))], [`/api/v0/cat?arg=${cid}`]);
      assert.ok((work.latency?.p50Seconds ?? 1) < 0.9, `latency ${work.latency?.p50Seconds}`);
    } else {
      assert.deepEqual(work.errors, { 'second node: no space left': work.intended });
      assert.equal(fetched.length, 1);
    }
  }
});

test('a target that will not connect to the second node is a fault of the surroundings', async () => {
  await using target = await serve((_request, response) => refuse(response, 500, 'failed to dial'));
  await using beside = await serve((_request, response) =>
    accept(response, '{"Addresses":["/ip4/10.0.0.2/tcp/4001/p2p/12D3x"]}'),
  );
  const services = { peer: { outside: beside.address, inside: { host: '10.0.0.2', port: 1, ports: {} } } };
  const exchange = { kind: 'exchange', size: sized(1000) } as const;
  await assert.rejects(load({ operations: [exchange] }, target.address, services), {
    code: 'second-node-unreachable',
    message: 'the target cannot connect to the second node',
    details: ['failed to dial'],
  });
});

async function load(
  {
    perSecond = 100,
    ...differing
  }: Parameters<typeof kuboSpec>[1] & {
    readonly operations: readonly KuboOperation[];
    readonly perSecond?: number;
  },
  address: Address,
  services?: ServiceAddresses,
): Promise<WorkDone> {
  const { operations, ...rest } = differing;
  const spec = kuboSpec(operations, { rate: { kind: 'constant', perSecond }, ...rest });
  const request = { address, seed: 3, cpuset: undefined };
  const signal = new AbortController().signal;
  const both = services === undefined ? request : { ...request, services: Promise.resolve(services) };
  await using running = await makeWorkload(spec).start(both, signal);
  await running.begin();
  await running.openWindow();
  await sleep(400);
  return await running.closeWindow(20);
}

async function preload(spec: ReturnType<typeof kuboSpec>, address: Address) {
  const signal = new AbortController().signal;
  await using running = await makeWorkload(spec).start({ address, seed: 3, cpuset: undefined }, signal);
  assert.ok(running.preload !== undefined);
  return await running.preload();
}

function accept(response: ServerResponse, text: string): void {
  response.writeHead(200, { Trailer: 'X-Stream-Error', 'X-Chunked-Output': '1' });
  response.end(text);
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify({ Message: message, Code: 0, Type: 'error' }));
}
