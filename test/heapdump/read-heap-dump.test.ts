import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DumpFault } from '../../src/heapdump/dump-fault.ts';
import { readHeapDump } from '../../src/heapdump/read-heap-dump.ts';
import { byteSourceOf } from '../executable/bytes-in-memory.ts';
import { analysed, DumpWriter, fixtureDump, HEAP, trickle } from './dump-bytes.ts';

const fixture = fixtureDump('go1.26.dump');

for (const name of ['go1.26.dump', 'go1.26-nogreentea.dump']) {
  test(`${name}: objects and bytes are those of MemStats to the last one`, async () => {
    const { all, memStats, phantoms } = await analysed(fixtureDump(name));
    assert.equal(all.objects, memStats.heapObjects);
    assert.equal(all.bytes, memStats.heapAlloc);
    assert.ok(phantoms.objects > 50, 'without the rule there would be more objects');
  });

  test(`${name}: the sessions, the planted garbage and the planted leak are found`, async () => {
    const { slotSizes, bigObjects } = await analysed(fixtureDump(name));
    const of = (slotBytes: number, pointers: boolean): (typeof slotSizes)[number] | undefined =>
      slotSizes.find((size) => size.slotBytes === slotBytes && size.withPointers === pointers);
    // 158 sessions of 208 bytes; what else has that size is a handful.
    assert.ok(Math.abs((of(208, false)?.reachable.objects ?? 0) - 158) <= 2);
    assert.equal(of(288, true)?.garbage.objects, 70);
    assert.ok((of(1152, true)?.reachable.objects ?? 0) >= 50);
    const leak = bigObjects.find(({ chain }) => chain > 1);
    assert.equal(leak?.chain, 50);
    assert.equal(leak?.retained.bytes, 50 * 1152);
    assert.match(leak?.way.holder.join(' > ') ?? '', /^package variables > bss > bss\+0x/);
  });
}

test('pieces of a few bytes give what the whole gives', async () => {
  const small = written().end();
  const whole = await readHeapDump(byteSourceOf(small));
  for (const most of [1, 2, 7, 64]) {
    const dump = await readHeapDump(trickle(small, most + 63));
    assert.equal(dump.objects.count, whole.objects.count);
    assert.deepEqual([...dump.objects.targets], [...whole.objects.targets]);
  }
  const dump = await readHeapDump(trickle(fixture, 1000));
  assert.equal(dump.objects.count, (await readHeapDump(byteSourceOf(fixture))).objects.count);
});

/** Every kind of record; object 0 → 1 → 2, 3 is garbage, 4 to 8 are held by a root of each other kind. */
function written(params: ConstructorParameters<typeof DumpWriter>[0] = {}): DumpWriter {
  const at = (object: number): number => HEAP + object * 64;
  const writer = new DumpWriter(params);
  writer.numbers(3, 0x500000, 16).text('main.thing').numbers(1).numbers(8, 0x600000, 0x500000);
  writer.object(at(0), 64, { 8: at(1) + 24 }).object(at(1), 64, { 0: at(2), 16: 0 });
  writer.object(at(2), 32);
  for (let object = 3; object <= 9; object += 1) writer.object(at(object), 64);
  writer
    .goroutine(0x9000, 7)
    .frame('main.deep', { 16: at(5) }, { 32: at(9) })
    .frame('main.serve', {});
  writer.numbers(14, at(6), 0x9000, 0, 0, 0, 0, 0).numbers(15, 0x1, 0x9000, 0, at(7), 0, 0).numbers(9, 0x1, 2, 3);
  writer
    .numbers(12, 0x700000)
    .memory(32, { 8: at(0) })
    .numbers(13, 0x710000)
    .memory(16);
  writer.numbers(7, at(4), 0, 0x400000, 0, 0).numbers(11, at(8), 0, 0x404040, 0, 0);
  writer.numbers(2).text('something else').numbers(at(8));
  writer.memStats(640);
  writer
    .numbers(16, 0x77, 60, 2)
    .text('runtime.mallocgc')
    .text('malloc.go')
    .numbers(1)
    .text('main.make')
    .text('/a/b.go');
  return writer.numbers(9, 5, 1).numbers(17, at(1), 0x77);
}

for (const params of [{}, { pointerBytes: 4 }, { bigEndian: true }, { bigEndian: true, pointerBytes: 4 }]) {
  test(`every kind of record is read, with words as ${JSON.stringify(params)}`, async () => {
    const analysis = await analysed(written(params).end());
    assert.deepEqual(analysis.reach.reachable, { objects: 8, bytes: 480 });
    assert.deepEqual(analysis.reach.perhaps, { objects: 1, bytes: 64 });
    assert.deepEqual(analysis.reach.garbage, { objects: 1, bytes: 64 });
    const held = Object.fromEntries(analysis.holders.map(({ path, retained }) => [path.join(' > '), retained.objects]));
    assert.equal(held['package variables > data > data+0x8 (0x700008)'], 3);
    assert.equal(held['goroutines > main.serve > goroutine 7 > frame of main.deep'], 1);
    assert.equal(held['goroutines > main.serve > goroutine 7 > a deferred call'], 1);
    assert.equal(held['goroutines > main.serve > goroutine 7 > a panic'], 1);
    assert.equal(held['finalizers > main.deep'], 1);
    assert.equal(held['stack words not marked as pointers > main.serve > goroutine 7 > frame of main.deep'], 1);
    assert.equal(analysis.shared.objects, 1, 'what a due finalizer and another root hold');
    assert.deepEqual(analysis.sites[0]?.stack, [{ name: 'main.make', file: '/a/b.go', line: 9 }]);
  });
}

test('an object is retained by what alone leads to it', async () => {
  const { bigObjects } = await analysed(written().end());
  const first = bigObjects.find(({ address }) => address === HEAP);
  assert.deepEqual(first?.retained, { objects: 3, bytes: 160 });
  const last = bigObjects.find(({ address }) => address === HEAP + 128);
  assert.deepEqual(
    last?.way.through.map(({ address }) => address),
    [HEAP, HEAP + 64],
  );
});

async function faultOf(bytes: Uint8Array): Promise<DumpFault> {
  try {
    await readHeapDump(byteSourceOf(bytes));
  } catch (error) {
    if (error instanceof DumpFault) return error;
    throw error;
  }
  throw new Error('it was read');
}

for (const [title, bytes, says] of [
  ['nothing', Buffer.alloc(0), /^it is empty$/],
  ['a line cut short', Buffer.from('go1.7 he'), /ends within the first line/],
  ['an old dump', Buffer.from('go1.5 heap dump\nxyz'), /format of Go 1\.5/],
  ['text', Buffer.from('hello'), /does not begin with/],
  ['a header alone', Buffer.from('go1.7 heap dump\n'), /cut short.*at byte 16$/],
  [
    'records before the parameters',
    Buffer.from('go1.7 heap dump\n\x01\x01'),
    /where the parameters must be, at byte 16$/,
  ],
  ['a record that does not exist', new DumpWriter().numbers(18).end(), /there is no record 18, at byte \d+$/],
  ['bytes after the end', Buffer.concat([written().end(), Buffer.from('abc')]), /3 bytes follow the end/],
  ['no statistics', new DumpWriter().end(), /without memory statistics/],
  [
    'an announced terabyte',
    new DumpWriter().numbers(1, HEAP, 2 ** 40).end(),
    /1099511627776 bytes are announced and 1 are left/,
  ],
  ['an object outside of the heap', new DumpWriter().object(0x1000, 64).end(), /outside of the heap/],
  [
    'two objects at one place',
    new DumpWriter()
      .object(HEAP, 64)
      .object(HEAP + 32, 64)
      .end(),
    /overlap/,
  ],
  [
    'an object behind a larger one',
    new DumpWriter()
      .object(HEAP, 16384)
      .object(HEAP + 8192, 64)
      .end(),
    /overlap/,
  ],
  [
    'a pointer outside of its object',
    new DumpWriter().numbers(1, HEAP, 8, 0, 0, 0, 0, 0, 0, 0, 0, 1, 8, 0).end(),
    /a pointer at 8 lies outside of 8 bytes/,
  ],
  ['a number of 70 bits', new DumpWriter().numbers(1, 2n ** 69n).end(), /more than 64 bits/],
] as const) {
  test(`${title}: the fault says so`, async () => {
    assert.match((await faultOf(bytes)).message, says);
  });
}

test('numbers of 64 bits are read', async () => {
  const writer = new DumpWriter().numbers(10, ...Array.from({ length: 281 }, () => 2n ** 64n - 1n));
  assert.equal((await readHeapDump(byteSourceOf(writer.end()))).memStats.alloc, 2 ** 64);
});

test('a dump cut anywhere is a fault with a position, and quickly so', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 17, max: fixture.length - 1 }), async (length) => {
      const fault = await faultOf(fixture.subarray(0, length));
      assert.ok(fault.position !== undefined && fault.position <= length, fault.message);
    }),
    { numRuns: 25 },
  );
});

test('flipped bits give a fault or a result, never anything else', async () => {
  const small = written().end();
  const flips = fc.array(fc.tuple(fc.nat(small.length - 1), fc.nat(7)), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(flips, async (bits) => {
      const bytes = Buffer.from(small);
      for (const [at, bit] of bits) bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
      await analysed(bytes).catch((error: unknown) => assert.ok(error instanceof DumpFault, String(error)));
    }),
    { numRuns: 1500 },
  );
  await fc.assert(
    fc.asyncProperty(fc.nat(fixture.length - 1), fc.nat(7), async (at, bit) => {
      const bytes = Buffer.from(fixture);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
      await analysed(bytes).catch((error: unknown) => assert.ok(error instanceof DumpFault, String(error)));
    }),
    { numRuns: 30 },
  );
});

test('an aborted reading ends with the reason', async () => {
  const reason = new Error('enough');
  await assert.rejects(readHeapDump(byteSourceOf(fixture), { signal: AbortSignal.abort(reason) }), reason);
});
