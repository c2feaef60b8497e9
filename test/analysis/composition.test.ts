import assert from 'node:assert/strict';
import { test } from 'node:test';

import { memoryParts } from '../../src/analysis/per-trial/composition.ts';
import { measuredTrial, reading } from './measured-trial.ts';

/** The first MemStats block of ipfs/go-ipfs#5530, and what `ps` said of the process. */
const SEED = {
  heapAllocBytes: 100_528_888,
  heapSysBytes: 331_874_304,
  heapIdleBytes: 151_117_824,
  heapInuseBytes: 180_756_480,
  heapReleasedBytes: 82_337_792,
  stackSysBytes: 26_738_688,
  mspanSysBytes: 3_407_872,
  mcacheSysBytes: 16_384,
  buckHashSysBytes: 2_340_107,
  gcSysBytes: 13_131_776,
  otherSysBytes: 1_401_837,
  sysBytes: 378_910_968,
};
const RSS = 316_252 * 1024;

test('the golden vector: 95.9 + 76.5 + 65.6 + 25.5 + 19.4 = 282.8 MiB, and 26.0 MiB outside of Go', () => {
  const parts = memoryParts(measuredTrial([reading(15, 'expvar', SEED), reading(15, 'proc', { rssBytes: RSS })]));
  assert.deepEqual(parts, {
    objects: 100_528_888,
    unusedInSpans: 80_227_592,
    retainedIdle: 68_780_032,
    stacks: 26_738_688,
    metadata: 20_297_976,
    released: 82_337_792,
    rss: 323_842_048,
    outsideGo: 27_268_872,
  });
  const mib = (bytes: number): number => Number((bytes / 2 ** 20).toFixed(1));
  const { objects, unusedInSpans, retainedIdle, stacks, metadata } = parts;
  const go = [objects, unusedInSpans, retainedIdle, stacks, metadata];
  assert.deepEqual(go.map(mib), [95.9, 76.5, 65.6, 25.5, 19.4]);
  const sum = go.reduce((total, part) => total + part, 0);
  assert.equal(sum, SEED.sysBytes - SEED.heapReleasedBytes);
  assert.deepEqual([mib(sum), mib(RSS), mib(parts.outsideGo)], [282.8, 308.8, 26]);
});

test('parts are means over time, and add up with what is outside to RSS', () => {
  const later = { ...SEED, heapAllocBytes: 120_000_000, heapInuseBytes: 190_000_000, heapIdleBytes: 141_874_304 };
  const parts = memoryParts(
    measuredTrial([
      reading(10, 'expvar', SEED),
      reading(20, 'expvar', later),
      reading(10, 'proc', { rssBytes: RSS }),
      reading(20, 'proc', { rssBytes: RSS + 1000 }),
    ]),
  );
  assert.ok(parts);
  assert.equal(parts.objects, (100_528_888 + 120_000_000) / 2);
  const { objects, unusedInSpans = 0, retainedIdle = 0, stacks = 0, metadata = 0, outsideGo = 0, rss } = parts;
  assert.equal(objects + unusedInSpans + retainedIdle + stacks + metadata + outsideGo, rss);
});

test('memory that is mapped and never touched makes what is outside negative, and it stays so', () => {
  const parts = memoryParts(measuredTrial([reading(15, 'expvar', SEED), reading(15, 'proc', { rssBytes: 2e8 })]));
  assert.equal(parts?.outsideGo, 2e8 - (SEED.sysBytes - SEED.heapReleasedBytes));
});

test('without RSS that part is not known; without MemStats nothing is', () => {
  const inside = memoryParts(measuredTrial([reading(15, 'prometheus', SEED)]));
  assert.deepEqual([inside?.rss, inside?.outsideGo, inside?.objects], [undefined, undefined, 100_528_888]);
  assert.equal(memoryParts(measuredTrial([reading(15, 'proc', { rssBytes: RSS })])), undefined);
  assert.equal(memoryParts(measuredTrial([reading(5, 'expvar', SEED)])), undefined);
});
