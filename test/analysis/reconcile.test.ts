import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { reconcile } from '../../src/analysis/explain/reconcile.ts';

/** The first MemStats of the go-ipfs thread, as base units; `ps` said 316252 KiB. */
const SEED = {
  heapAllocBytes: 100528888,
  heapSysBytes: 331874304,
  heapIdleBytes: 151117824,
  heapInuseBytes: 180756480,
  heapReleasedBytes: 82337792,
  stackSysBytes: 26738688,
  mspanSysBytes: 3407872,
  mcacheSysBytes: 16384,
  buckHashSysBytes: 2340107,
  gcSysBytes: 13131776,
  otherSysBytes: 1401837,
  sysBytes: 378910968,
};
const RSS = 316252 * 1024;

test('the seed’s figures add up, byte by byte', () => {
  const { parts, goBytes, outside, releasedBytes, contradictions } = reconcile({ counters: SEED, rssBytes: RSS });
  assert.deepEqual(Object.fromEntries(parts.map(({ key, bytes }) => [key, bytes])), {
    objects: 100528888,
    unusedInSpans: 80227592,
    retainedIdle: 68780032,
    stacks: 26738688,
    metadata: 20297976,
  });
  assert.equal(goBytes, 296573176);
  assert.equal(outside?.bytes, 27268872);
  assert.equal(releasedBytes, 82337792);
  assert.deepEqual(contradictions, []);
});

test('the live heap splits the objects, unless it is larger than they are', () => {
  const live = (bytes: number) => reconcile({ counters: SEED, live: { bytes, source: 'pprof' } }).split;
  assert.deepEqual(live(91760886), { liveBytes: 91760886, restBytes: 8768002, source: 'pprof' });
  assert.equal(live(100528889), undefined);
});

test('RssFile splits what is outside Go, whose rest may be negative', () => {
  const { outside } = reconcile({ counters: SEED, rssBytes: RSS, rssFileBytes: 40_000_000 });
  const otherBytes = 27268872 - 40_000_000;
  assert.deepEqual(outside, { bytes: 27268872, fileBytes: 40_000_000, otherBytes, mayBeReleased: false });
});

test('a field that the others determine is derived from them', () => {
  const whole = reconcile({ counters: SEED });
  for (const lost of [
    ['heapIdleBytes'],
    ['heapInuseBytes'],
    ['heapSysBytes'],
    ['sysBytes'],
    ['stackSysBytes'],
    ['gcSysBytes'],
    ['gcSysBytes', 'mspanSysBytes'],
  ]) {
    const counters = Object.fromEntries(Object.entries(SEED).filter(([key]) => !lost.includes(key)));
    assert.deepEqual(reconcile({ counters }).parts, whole.parts, `without ${lost.join(', ')}`);
  }
});

test('a field that nothing determines is named with what cannot be said, and the rest still adds up', () => {
  const lost = (key: keyof typeof SEED) => {
    const { [key]: _, ...counters } = SEED;
    return reconcile({ counters, rssBytes: RSS, rssFileBytes: 1, live: { bytes: 1, source: 'runtime' } });
  };
  const noAlloc = lost('heapAllocBytes');
  assert.deepEqual(
    noAlloc.gaps.map(({ field }) => field),
    ['HeapAlloc'],
  );
  assert.equal(noAlloc.parts.find(({ key }) => key === 'unsplit')?.bytes, SEED.heapInuseBytes);
  assert.equal(noAlloc.outside?.bytes, 27268872);
  const noReleased = lost('heapReleasedBytes');
  assert.equal(noReleased.goBytes, undefined, 'Sys alone does not tell what is still held');
  assert.equal(noReleased.outside, undefined);
  assert.match(noReleased.gaps[0]?.lost ?? '', /returned to the system/);
  assert.deepEqual(reconcile({ counters: {} }).parts, []);
});

test('figures that are not of one read are told apart from those that are', () => {
  const said = (change: Partial<typeof SEED>) => reconcile({ counters: { ...SEED, ...change } }).contradictions;
  assert.match(
    said({ heapIdleBytes: SEED.heapIdleBytes - 5 }).join(),
    /HeapIdle \+ HeapInuse is 5 B less than HeapSys/,
  );
  assert.match(said({ sysBytes: SEED.sysBytes + 7 }).join(), /sum of all …Sys is 7 B less than Sys/);
  assert.match(said({ heapReleasedBytes: SEED.heapIdleBytes + 1 }).join(), /HeapReleased is larger than HeapIdle/);
  assert.match(said({ heapAllocBytes: SEED.heapInuseBytes + 1 }).join(), /HeapAlloc is larger than HeapInuse/);
});

const bytes = fc.integer({ min: 0, max: 2 ** 44 });
const anyFigures = fc.record(Object.fromEntries(Object.keys(SEED).map((key) => [key, bytes])), { requiredKeys: [] });

test('whatever is missing or contradicts, the parts add up exactly and no known part is negative', () => {
  fc.assert(
    fc.property(
      anyFigures,
      fc.option(bytes, { nil: undefined }),
      fc.option(bytes, { nil: undefined }),
      (counters, rss, file) => {
        const { parts, goBytes, outside } = reconcile({ counters, rssBytes: rss, rssFileBytes: file });
        const sum = parts.reduce((all, part) => all + part.bytes, 0);
        if (goBytes !== undefined) assert.equal(sum, goBytes);
        for (const part of parts) assert.ok(part.key === 'unsplit' || part.bytes >= 0);
        if (outside !== undefined) assert.equal((goBytes ?? 0) + outside.bytes, rss);
        if (outside?.otherBytes !== undefined)
          assert.equal((outside.fileBytes ?? 0) + outside.otherBytes, outside.bytes);
      },
    ),
  );
});

test('much outside Go, and no more than about what was released, may be that', () => {
  const counters = { heapSysBytes: 700e6, heapReleasedBytes: 600e6, heapIdleBytes: 610e6, sysBytes: 730e6 };
  const may = (rssBytes: number, rssFileBytes?: number) =>
    reconcile({ counters, rssBytes, rssFileBytes }).outside?.mayBeReleased;
  assert.deepEqual([may(400e6), may(750e6), may(750e6, 20e6)], [true, true, true]);
  // A daemon's own pages, more than was released, and pages of files.
  assert.deepEqual([may(150e6), may(900e6), may(400e6, 260e6)], [false, false, false]);
});

/** Figures as a read of MemStats has them, and RSS. */
const reads = fc
  .record({
    alloc: fc.integer({ min: 0, max: 2 ** 32 }),
    unused: fc.integer({ min: 0, max: 2 ** 30 }),
    retained: fc.integer({ min: 0, max: 2 ** 30 }),
    released: fc.integer({ min: 0, max: 2 ** 32 }),
    others: fc.array(fc.integer({ min: 0, max: 2 ** 26 }), { minLength: 6, maxLength: 6 }),
    rss: fc.integer({ min: 0, max: 2 ** 33 }),
  })
  .map(
    ({
      alloc,
      unused,
      retained,
      released,
      others: [stacks = 0, mspan = 0, mcache = 0, hash = 0, gc = 0, other = 0],
      rss,
    }) => {
      const heap = alloc + unused + retained + released;
      return {
        rss,
        counters: {
          heapAllocBytes: alloc,
          heapInuseBytes: alloc + unused,
          heapIdleBytes: retained + released,
          heapReleasedBytes: released,
          heapSysBytes: heap,
          stackSysBytes: stacks,
          mspanSysBytes: mspan,
          mcacheSysBytes: mcache,
          buckHashSysBytes: hash,
          gcSysBytes: gc,
          otherSysBytes: other,
          sysBytes: heap + stacks + mspan + mcache + hash + gc + other,
        },
      };
    },
  );

test('whatever was rounded, and whichever MB was meant, the true sums lie between what is said', () => {
  fc.assert(
    fc.property(
      reads,
      fc.integer({ min: 0, max: 2 }),
      fc.constantFrom(2 ** 20, 1e6),
      fc.subarray(Object.keys(SEED)),
      (read, decimals, unit, lost) => {
        const exact = reconcile({ counters: read.counters, rssBytes: read.rss });
        // As they are printed, and as the reader of pasted figures gives them.
        const step = 10 ** -decimals;
        const entries = Object.entries(read.counters)
          .filter(([key]) => !lost.includes(key))
          .map(([key, bytes]) => [key, Number((bytes / unit).toFixed(decimals))] as const);
        const inBytes = (factor: number) =>
          Object.fromEntries(entries.map(([key, amount]) => [key, Math.round(amount * factor)]));
        const rounding = Object.fromEntries(
          entries.map(([key, amount]) => [
            key,
            {
              low: Math.max(0, Math.floor((amount - step / 2) * 2 ** 20)),
              high: Math.ceil((amount + step / 2) * 2 ** 20),
            },
          ]),
        );
        const { ranges, contradictions } = reconcile({
          counters: inBytes(2 ** 20),
          rounding,
          rssBytes: read.rss,
          thousands: { units: ['MB'], counters: inBytes(1e6) },
        });
        assert.deepEqual(contradictions, []);
        const within = (
          name: string,
          truth: number | undefined,
          range: { low: number; high: number } | undefined,
        ): void => {
          if (truth === undefined || range === undefined) return;
          // A byte for each figure that was made whole.
          assert.ok(
            range.low - 20 <= truth && truth <= range.high + 20,
            `${name}: ${truth} in ${JSON.stringify(range)}`,
          );
        };
        within('go', exact.goBytes, ranges?.go);
        within('outside', exact.outside?.bytes, ranges?.outside);
        within('released', exact.releasedBytes, ranges?.released);
        for (const { key, bytes } of exact.parts) within(key, bytes, ranges?.parts[key]);
      },
    ),
  );
});
