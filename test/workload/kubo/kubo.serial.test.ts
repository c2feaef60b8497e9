import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import type { KuboOperation, KuboWorkload } from '../../../src/experiment/experiment.ts';
import type { WorkDone } from '../../../src/results/format.ts';
import { makeWorkload } from '../../../src/workload/make-workload.ts';
import type { LoadRequest, PreloadDone } from '../../../src/workload/workload.ts';
import { type KuboNode, startKubo } from '../../kubo.ts';
import { requirement } from '../../requirements.ts';
import { kuboSpec, sized } from '../support/kubo-spec.ts';

const files: KuboWorkload['preload'] = [{ operation: { kind: 'add', size: sized(4096), pin: false }, count: 20 }];

/** Each operation with a figure of the node that it must raise by one each time. */
const operations: readonly {
  readonly operation: KuboOperation;
  readonly preload?: KuboWorkload['preload'];
  readonly figure?: (node: KuboNode) => Promise<number>;
}[] = [
  { operation: { kind: 'add', size: { leastBytes: 1024, mostBytes: 65_536 }, pin: false }, figure: blocks },
  { operation: { kind: 'add', size: sized(512), pin: true }, figure: pins },
  { operation: { kind: 'cat' }, preload: files },
  { operation: { kind: 'block-get' }, preload: files },
  { operation: { kind: 'dag-put', size: sized(4096) }, figure: blocks },
  { operation: { kind: 'mfs-write', size: sized(1024) }, figure: entries },
  { operation: { kind: 'pin' }, preload: files },
  { operation: { kind: 'connect', addresses: 8, transport: 'tcp' } },
  { operation: { kind: 'connect', addresses: 64, transport: 'udp' } },
];

suite('kubo', requirement('go'), () => {
  for (const { operation, preload = [], figure } of operations) {
    const detail =
      'pin' in operation ? ` with pin ${operation.pin}` : 'transport' in operation ? ` ${operation.transport}` : '';
    test(`${operation.kind}${detail} is done each time`, async () => {
      await using node = await startKubo(...(operation.kind === 'connect' ? [] : (['--offline'] as const)));
      const before = (await figure?.(node)) ?? 0;
      const { work, preloaded } = await load(kuboSpec([operation], { preload }), { address: node.address });
      assert.ok(work.intended > 0);
      assert.deepEqual([work.completed, work.dropped, work.errors], [work.intended, 0, {}]);
      assert.deepEqual(
        [preloaded?.requests, preloaded?.errors],
        preload.length === 0 ? [undefined, undefined] : [20, {}],
      );
      // Nothing is done twice; the warm-up did some more.
      if (figure === undefined) return;
      const more = (await figure(node)) - before;
      assert.ok(more >= work.completed, `${more} more after ${work.completed}`);
    });
  }

  test('half of the files are pinned while pins come and go', async () => {
    await using node = await startKubo('--offline');
    const before = await pins(node);
    await load(kuboSpec([{ kind: 'pin' }], { preload: files }), { address: node.address });
    // All answered: what is pinned is the half, or one less while the last step was an unpin.
    const now = (await pins(node)) - before;
    assert.ok([9, 10].includes(now), `${now} pins`);
  });

  test('an exchange moves the blocks from the second node to the target', async () => {
    await using node = await startKubo();
    await using beside = await startKubo();
    const spec = kuboSpec([{ kind: 'exchange', size: sized(300_000) }], { rate: { kind: 'constant', perSecond: 25 } });
    const services = servicesOf(beside.address);
    const { work } = await load(spec, { address: node.address, services });
    assert.ok(work.intended > 0);
    assert.deepEqual([work.completed, work.errors], [work.intended, {}]);
    // A root and two chunks each.
    assert.ok((await blocks(node)) >= 3 * work.completed);
    assert.ok((await blocks(beside)) >= 3 * work.completed);
  });

  test('an exchange needs a second node that other nodes can reach', async () => {
    await using node = await startKubo();
    await using beside = await startKubo('--offline');
    const spec = kuboSpec([{ kind: 'exchange', size: sized(1000) }]);
    const services = servicesOf(beside.address);
    await assert.rejects(load(spec, { address: node.address, services }), {
      code: 'second-node-unreachable',
      message: 'the second node listens on no TCP port for other nodes',
    });
  });

  test('peers that come and go reach AddAddrs, as the allocation profile shows', async () => {
    await using node = await startKubo();
    const churn: KuboOperation = { kind: 'connect', addresses: 60, transport: 'udp' };
    const before = await liveHeap(node);
    const { preloaded } = await load(kuboSpec([churn], { preload: [{ operation: churn, count: 1000 }] }), {
      address: node.address,
    });
    assert.deepEqual([preloaded?.requests, preloaded?.errors], [1000, {}]);
    const { host, port } = node.address;
    const profile = await fetch(`http://${host}:${port}/debug/pprof/allocs`);
    const text = gunzipSync(Buffer.from(await profile.arrayBuffer())).toString('latin1');
    assert.match(text, /pstoremem\.\(\*memoryAddrBook\)\.AddAddrs/);
    // What the peers hold stays: 60,000 addresses of some 150 bytes, at the very least.
    const grown = (await liveHeap(node)) - before;
    assert.ok(grown > 6e6, `the live heap grew by ${grown} bytes`);
  });

  test('what the node refuses is counted by its kind', async () => {
    await using node = await startKubo('--offline');
    const refused: readonly (readonly [KuboOperation, RegExp])[] = [
      [
        { kind: 'connect', addresses: 1, transport: 'udp' },
        /^connect … failure: this action must be run in online mode/,
      ],
      [{ kind: 'dag-put', size: sized(2 ** 21 + 1) }, /^produced block is over/],
    ];
    for (const [operation, kind] of refused) {
      // kubo takes its time to read a block of that size.
      const spec = kuboSpec([operation], { rate: { kind: 'constant', perSecond: 10 } });
      const { work } = await load(spec, { address: node.address });
      const [first = '', ...others] = Object.keys(work.errors);
      assert.match(first, kind);
      assert.deepEqual([others, work.completed, work.errors[first]], [[], 0, work.intended]);
    }
  });
});

interface Loaded {
  readonly work: WorkDone;
  readonly preloaded: PreloadDone | undefined;
}

/** Preloads, warms up for a moment, and measures for another. */
async function load(spec: KuboWorkload, request: Omit<LoadRequest, 'seed' | 'cpuset'>): Promise<Loaded> {
  const all = { ...request, seed: 7, cpuset: undefined };
  await using running = await makeWorkload(spec).start(all, new AbortController().signal);
  const preloaded = await running.preload?.();
  await running.begin();
  await sleep(200);
  await running.openWindow();
  await sleep(400);
  const work = await running.closeWindow(20);
  return { work, preloaded };
}

function servicesOf(outside: KuboNode['address']): NonNullable<LoadRequest['services']> {
  return Promise.resolve({ peer: { outside, inside: { host: '127.0.0.1', port: outside.port, ports: {} } } });
}

async function blocks(node: KuboNode): Promise<number> {
  return ((await node.rpc('repo/stat?size-only=false')) as { NumObjects: number }).NumObjects;
}

async function pins(node: KuboNode): Promise<number> {
  const { Keys: keys } = (await node.rpc('pin/ls?type=recursive')) as { Keys?: Record<string, unknown> };
  return Object.keys(keys ?? {}).length;
}

async function entries(node: KuboNode): Promise<number> {
  const { Entries: found } = (await node.rpc('files/ls?arg=/gctune').catch(() => ({}))) as { Entries?: unknown[] };
  return found?.length ?? 0;
}

/** HeapAlloc in bytes right after a collection. */
async function liveHeap({ address }: KuboNode): Promise<number> {
  const debug = `http://${address.host}:${address.port}/debug`;
  await fetch(`${debug}/pprof/heap?gc=1`).then((response) => response.arrayBuffer());
  const response = await fetch(`${debug}/vars`);
  return ((await response.json()) as { memstats: { HeapAlloc: number } }).memstats.HeapAlloc;
}
