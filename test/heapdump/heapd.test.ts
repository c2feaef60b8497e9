import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { HeapAnalysis, SlotSize } from '../../src/heapdump/heap-analysis.ts';
import { program } from '../../src/program.ts';
import { fakeIo, type FakeIo } from '../cli/fake-io.ts';
import { buildHeapd, startHeapd } from '../probe/heapd.ts';
import { requirement } from '../requirements.ts';

const go = requirement('go');
let folder = '';
let heapd = '';

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gctune-heapdump-'));
  if (go.skip === false) heapd = await buildHeapd(folder);
});
after(() => rm(folder, { recursive: true, force: true }));

interface Facts {
  readonly sessions: number;
  readonly object_bytes: number;
  readonly links: number;
  readonly link_bytes: number;
}

/** Has heapd write a dump into `file` and tells what it says of itself. */
async function dumped(file: string, gogc: string, args: readonly string[], query = ''): Promise<Facts> {
  await using daemon = await startHeapd(heapd, ['--heapdump', ...args], { GOGC: gogc, TMPDIR: folder });
  const { host, port } = daemon.address;
  const answer = await fetch(`http://${host}:${port}/debug/heapdump?${query}`);
  assert.equal(answer.status, 200);
  await writeFile(join(folder, file), Buffer.from(await answer.arrayBuffer()));
  return JSON.parse(await daemon.get('/debug/heapd')) as Facts;
}

async function run(...argv: readonly string[]): Promise<FakeIo & { code: number }> {
  const io = fakeIo({ cwd: folder });
  return Object.assign(io, { code: await program(['heapdump', ...argv], io) });
}

async function analysisOf(...argv: readonly string[]): Promise<HeapAnalysis> {
  const { code, written } = await run(...argv, '--json');
  assert.equal(code, 0, written.stderr);
  return JSON.parse(written.stdout) as HeapAnalysis;
}

function sizeOf({ slotSizes }: HeapAnalysis, slotBytes: number, withPointers: boolean): SlotSize | undefined {
  return slotSizes.find((size) => size.slotBytes === slotBytes && size.withPointers === withPointers);
}

for (const [gogc, args] of [
  ['10', ['--live=4MiB', '--object=1KiB', '--pointers=0.2']],
  ['100', ['--live=4MiB', '--object=200B', '--pointers=0.5']],
  ['off', ['--live=4MiB', '--object=16B', '--pointers=0.7']],
  ['100', ['--live=16MiB', '--object=40KiB', '--pointers=0']],
] as const) {
  test(`GOGC=${gogc}, ${args.join(' ')}: sessions and links are counted within 1 %`, go, async () => {
    const facts = await dumped('live.dump', gogc, args);
    const analysis = await analysisOf('live.dump');
    // What a slot holds is rounded up to the size class: 40 KiB is five pages, 200 bytes are 208.
    for (const [slotBytes, withPointers, count] of [
      [facts.object_bytes, false, facts.sessions],
      [facts.link_bytes, true, facts.links],
    ] as const) {
      if (count < 100) continue;
      const size = sizeOf(analysis, slotBytes, withPointers);
      const { objects, bytes } = size?.reachable ?? { objects: 0, bytes: 0 };
      assert.ok(
        Math.abs(objects - count) <= Math.max(1, count * 0.01),
        `${objects} of ${slotBytes} bytes, not ${count}`,
      );
      assert.equal(bytes, objects * slotBytes);
    }
    // MemStats is read before the last spans are swept: it can only know of more.
    const { all, memStats } = analysis;
    assert.ok(all.bytes <= memStats.heapAlloc && all.objects <= memStats.heapObjects);
    assert.ok(all.bytes >= memStats.heapAlloc * 0.97, `${all.bytes} of ${memStats.heapAlloc}`);
  });
}

test(
  'after a collection nothing is garbage but what was planted; the leak has the name of its variable',
  go,
  async () => {
    await dumped('planted.dump', '100', ['--live=1MiB'], 'gc=1&leak=1000&garbage=3000');
    const analysis = await analysisOf('planted.dump', '--binary', heapd);
    const { all, memStats, reach, holders, bigObjects } = analysis;
    assert.equal(all.objects, memStats.heapObjects);
    assert.equal(all.bytes, memStats.heapAlloc);
    assert.equal(sizeOf(analysis, 288, true)?.garbage.objects, 3000);
    assert.ok(reach.garbage.bytes - 3000 * 288 < 16 * 1024, 'what the dump itself left behind');
    const leak = holders.find(({ path }) => path.at(-1) === 'main.plantedLeak');
    assert.deepEqual(leak?.path, ['package variables', 'main', 'main.plantedLeak']);
    assert.deepEqual(leak.retained, { objects: 1000, bytes: 1000 * 1152 });
    assert.equal(bigObjects.find(({ way }) => way.holder.at(-1) === 'main.plantedLeak')?.chain, 1000);
    const { code, written } = await run('planted.dump', '--binary', heapd, '--output', 'heap.html', '--top', '3');
    assert.equal(code, 0);
    assert.match(written.stdout, /retains most is variable main\.plantedLeak: 1,000\s+objects, 1\.10 MiB/);
    assert.match(written.stderr, /Page: heap\.html\n$/);
    assert.match(await readFile(join(folder, 'heap.html'), 'utf8'), /main\.plantedLeak/);
  },
);
