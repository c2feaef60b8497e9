import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { SmapsReader, type Smaps } from '../../src/linux/smaps.ts';

const KIB = 1024;

function recorded(name: string): string {
  return readFileSync(new URL(`../fixtures/linux/${name}`, import.meta.url), 'utf8');
}

function read(text: string, program: string | undefined = '/heapd'): Smaps | undefined {
  const reader = new SmapsReader(program);
  for (const line of text.split('\n')) reader.line(line);
  return reader.result();
}

/** The sum of a field over the whole text, by itself. */
function total(text: string, field: string): number {
  return [...text.matchAll(new RegExp(`^${field}: +(\\d+) kB$`, 'gm'))].reduce(
    (sum, [, kib]) => sum + Number(kib) * KIB,
    0,
  );
}

for (const name of ['go1.26-heapd.smaps', 'go1.26-heapd-named.smaps']) {
  test(`${name}: the sums by kind add up to those of all lines`, () => {
    const text = recorded(name);
    const { sums = [] } = read(text) ?? {};
    const sum = (key: 'rssBytes' | 'sizeBytes' | 'swapBytes'): number => sums.reduce((all, one) => all + one[key], 0);
    assert.equal(sum('rssBytes'), total(text, 'Rss'));
    assert.equal(sum('sizeBytes'), total(text, 'Size'));
    assert.equal(sum('rssBytes'), 25024 * KIB, 'VmRSS of the same moment');
    const program = sums.find(({ kind }) => kind === 'program');
    assert.equal(program?.mappings, 4, 'its text, constants, data, and the bss that follows');
  });
}

test('Go’s names are rows of their own; without names their memory is anonymous', () => {
  const named = read(recorded('go1.26-heapd-named.smaps'))?.sums ?? [];
  const heap = named.find(({ kind, name }) => kind === 'go' && name === 'heap');
  assert.equal(heap?.sizeBytes, 20480 * KIB, 'HeapSys and StackInuse of the same moment: 20,000 and 480 KiB');
  assert.ok((heap?.rssBytes ?? 0) > 16 * KIB * KIB);
  assert.equal(named.find(({ name }) => name === 'heap reservation')?.rssBytes, 0);
  assert.equal(
    named.find(({ kind }) => kind === 'anonymous'),
    undefined,
  );
  const unnamed = read(recorded('go1.26-heapd.smaps'))?.sums ?? [];
  assert.equal(
    unnamed.find(({ kind }) => kind === 'go'),
    undefined,
  );
  assert.ok((unnamed.find(({ kind }) => kind === 'anonymous')?.rssBytes ?? 0) > 16 * KIB * KIB);
});

test('files, shared memory, other names, what was returned lazily, huge pages and swap', () => {
  const mapping = (
    range: string,
    permissions: string,
    rest: string,
    fields: Readonly<Record<string, number>>,
  ): string =>
    [
      `${range} ${permissions} 00000000 ${rest}`,
      'Size:  100 kB',
      ...Object.entries(fields).map(([name, kib]) => `${name}:${String(kib).padStart(12)} kB`),
      'VmFlags: rd wr mr mw me ac sd ',
    ].join('\n');
  const smaps = read(
    [
      mapping('7f0000000000-7f0000100000', 'r--s', '08:01 42    /data/my index (deleted)', {
        Rss: 400,
        FilePmdMapped: 0,
      }),
      mapping('7f0000200000-7f0000300000', 'r--p', '08:01 43    /usr/lib/libc.so.6', { Rss: 300 }),
      mapping('7f0000400000-7f0000500000', 'rw-s', '00:01 7    /memfd:ring (deleted)', { Rss: 30 }),
      mapping('7f0000600000-7f0000700000', 'rw-p', '00:00 0    [anon:tcmalloc]', { Rss: 20 }),
      mapping('c000000000-c004000000', 'rw-p', '00:00 0    [anon: Go: heap]', {
        Rss: 2048,
        LazyFree: 512,
        AnonHugePages: 1024,
        Swap: 64,
      }),
      mapping('c004000000-c008000000', 'rw-p', '00:00 0    [anon: Go: heap]', {
        Rss: 1024,
        LazyFree: 256,
        AnonHugePages: 0,
        Swap: 0,
      }),
      mapping('55e000000000-55e000100000', 'rw-p', '00:00 0    [heap]', { Rss: 8 }),
    ].join('\n'),
  );
  assert.deepEqual(smaps?.largestFile, { path: '/data/my index (deleted)', rssBytes: 400 * KIB });
  const of = (kind: string) => smaps?.sums.find((sum) => sum.kind === kind);
  assert.equal(of('file')?.rssBytes, 700 * KIB);
  assert.equal(of('shared')?.rssBytes, 30 * KIB);
  assert.equal(of('named')?.rssBytes, 20 * KIB);
  assert.equal(of('c-heap')?.rssBytes, 8 * KIB);
  const { mappings, rssBytes, lazyFreeBytes, hugeBytes, swapBytes } = of('go') ?? {};
  assert.deepEqual(
    [mappings, rssBytes, lazyFreeBytes, hugeBytes, swapBytes],
    [2, 3072 * KIB, 768 * KIB, 1024 * KIB, 64 * KIB],
  );
});

test('any text is read without a fault, and names without end make no more than a few rows', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      read(text);
      read(`1000-2000 rw-p 00000000 00:00 0 [anon: Go: ${text}]\nRss: 4 kB`);
    }),
    { numRuns: 2000 },
  );
  const many = Array.from(
    { length: 500 },
    (_, i) =>
      `${(4096 * (i + 1)).toString(16)}-${(4096 * (i + 2)).toString(16)} rw-p 00000000 00:00 0 [anon: Go: n${i}]\nRss: 4 kB`,
  );
  const sums = read(many.join('\n'))?.sums ?? [];
  assert.ok(sums.length <= 41);
  assert.equal(
    sums.reduce((sum, { rssBytes }) => sum + rssBytes, 0),
    500 * 4 * KIB,
  );
});
