import assert from 'node:assert/strict';
import { test } from 'node:test';
import { booksAgree, findBooks, findLimiter, findWork, workAgrees } from '../../src/runtime-memory/identities.ts';
import { layoutOf, type Layout } from '../../src/runtime-memory/layout.ts';
import type { Run } from '../../src/runtime-memory/process-memory.ts';
import { readingOf, type RuntimeReading } from '../../src/runtime-memory/reading.ts';
import { RuntimeRefused } from '../../src/runtime-memory/refused.ts';
import { countObjects, readController, readLimiter, readStats, readWork } from '../../src/runtime-memory/variables.ts';
import type { Words } from '../../src/runtime-memory/words.ts';
import { runsOf, SAVED, savedBytes } from './saved.ts';

function placed(runs: readonly Run[], address: number): readonly [Words, number] {
  const run = runs.find((each) => address >= each.address && address < each.address + each.words.bytes.length);
  assert.ok(run !== undefined);
  return [run.words, address - run.address];
}

/** What the saved data say by a layout; undefined where not exactly one of each variable is right. */
function readSaved(runs: readonly Run[], layout: Layout): RuntimeReading | undefined {
  const right = findBooks(runs, layout).filter(({ controller, stats }) =>
    booksAgree(readController(...placed(runs, controller), layout), readStats(...placed(runs, stats), layout)),
  );
  const [found] = right;
  if (found === undefined || right.length > 1) return undefined;
  const stats = readStats(...placed(runs, found.stats), layout);
  const work = findWork(runs, layout, stats);
  const limiter = findLimiter(runs, layout, stats);
  if (work.length !== 1) return undefined;
  assert.equal(limiter.length, 1);
  return readingOf(
    {
      controller: readController(...placed(runs, found.controller), layout),
      stats,
      objects: countObjects(...placed(runs, found.stats), layout),
      work: readWork(...placed(runs, work[0] ?? NaN), layout),
      limiter: readLimiter(...placed(runs, limiter[0] ?? NaN), layout),
    },
    layout.headroomPercent,
  );
}

for (const version of SAVED) {
  test(`Go ${version}: the variables are found in saved data, and say what the program did`, () => {
    const reading = readSaved(runsOf(savedBytes(version)), layoutOf(`go${version}`));
    const v = reading?.figures;
    assert.ok(reading !== undefined && v !== undefined);
    // 20,000 times 512 bytes, of which half were let go of before runtime.GC.
    assert.equal(v.numForcedGc, 1);
    assert.ok((v.numGc ?? 0) >= 2);
    assert.ok((v.totalAllocBytes ?? 0) > 20_000 * 512 && (v.totalAllocBytes ?? 0) < 20_000 * 512 * 1.5);
    assert.ok((v.mallocs ?? 0) > 20_000);
    assert.ok((v.liveHeapBytes ?? 0) > 10_000 * 512 && (v.liveHeapBytes ?? 0) < 20_000 * 512);
    assert.equal(v.gogcPercent, 100);
    assert.equal(v.gomaxprocs, 2);
    assert.equal(v.limiterLastCycle, 0);
    assert.equal(reading.limiterOn, false);
    assert.equal(reading.limitGoalBytes, Infinity);
    assert.equal(v.nextGcBytes, reading.gogcGoalBytes);
    assert.ok((v.nextGcBytes ?? 0) > 1.9 * (v.liveHeapBytes ?? 0));
    assert.equal(v.heapSysBytes, (v.heapInuseBytes ?? 0) + (v.heapIdleBytes ?? 0));
    assert.ok((v.gcCpuSeconds ?? 0) > 0 && (v.classesTotalCpuSeconds ?? 0) > (v.gcCpuSeconds ?? 0));
    assert.ok((v.gcCpuFraction ?? 0) > 0);
    assert.ok((v.lastGcUnixSeconds ?? 0) > 1.7e9);
  });

  test(`Go ${version}: by the layout of any other release nothing is read`, () => {
    const runs = runsOf(savedBytes(version));
    const own = layoutOf(`go${version}`);
    for (let minor = 19; minor <= 27; minor += 1) {
      const layout = layoutOf(`go1.${minor}`);
      if (sameBooks(layout, own)) continue;
      assert.equal(readSaved(runs, layout), undefined, `Go 1.${minor}`);
    }
  });
}

test('before a cycle has ended, nothing is taken for what is known of cycles, whatever stands around a zero', () => {
  const runs = runsOf(savedBytes('1.26.11'));
  const layout = layoutOf('go1.26.11');
  const [books] = findBooks(runs, layout).filter(({ controller, stats }) =>
    booksAgree(readController(...placed(runs, controller), layout), readStats(...placed(runs, stats), layout)),
  );
  assert.ok(books !== undefined);
  const stats = readStats(...placed(runs, books.stats), layout);
  const [place] = findWork(runs, layout, stats);
  assert.ok(place !== undefined);
  const [words, at] = placed(runs, place);
  const { cycles, tSweepTerm, tMark, tMarkTerm } = layout.work;
  for (const offset of [tSweepTerm, tMark, tMarkTerm, 0]) words.bytes.fill(0, at + offset, at + offset + 8);
  words.bytes.fill(0, at + cycles, at + cycles + 4);
  const before = { ...stats, numgc: 0, lastGcNanotime: 0 };
  assert.ok(workAgrees(readWork(words, at, layout), before), 'it looks like what is searched for');
  assert.deepEqual(findWork(runs, layout, before), []);
});

function sameBooks(a: Layout, b: Layout): boolean {
  return JSON.stringify([a.controller, a.stats, a.work]) === JSON.stringify([b.controller, b.stats, b.work]);
}

test('releases that nobody has looked at are refused, whatever is added to their name', () => {
  for (const version of ['go1.26.8', 'go1.26', 'go1.19.13', 'go1.26.8-X:nogreenteagc', 'go1.21.5 X:boringcrypto'])
    assert.ok(layoutOf(version).controller.gcPercent === 0, version);
  for (const version of [
    'go1.18.10',
    'go1.28.0',
    'go1.99',
    'go2.0',
    'devel go1.27-abcdef',
    'go1.27rc1',
    'go1.26beta2',
    'go1.261',
    'tinygo',
    '',
  ]) {
    assert.throws(
      () => layoutOf(version),
      (error) => error instanceof RuntimeRefused && error.code === 'unknown-version',
      version,
    );
  }
});
