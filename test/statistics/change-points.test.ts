import assert from 'node:assert/strict';
import { test } from 'node:test';

import { bestSplit, changePoints } from '../../src/statistics/change-points.ts';
import { seededStream } from '../../src/statistics/random.ts';
import { assertClose } from './close.ts';
import { gaussian } from '../../src/statistics/gaussian.ts';
import { readOrderOracle } from './order-oracle.ts';

const oracle = readOrderOracle();

test('the best split is that of the definition, tried out at every place and every end', () => {
  for (const { values, least, index, statistic } of oracle.splits) {
    const found = bestSplit(values, least);
    assert.equal(found?.index, index, JSON.stringify(values));
    assertClose(found.statistic, statistic, 1e-9);
  }
  assert.equal(bestSplit([1, 2, 3], 2), undefined);
});

test('plain changes are found where the optimal partition of ruptures has them, and none where there is none', () => {
  for (const { values, changes } of oracle.segmentations) {
    const found = changePoints(values, { level: 0.01, stream: seededStream(1, 'segments') });
    assert.deepEqual(
      found.map(({ index }) => index),
      changes,
    );
    for (const { p } of found) assert.ok(p >= 1 / 200 && p <= 0.01);
  }
});

test('series without a change alarm at most as often as asked', () => {
  for (const [name, draw] of [
    ['normal', (stream) => gaussian(stream)],
    ['skewed', (stream) => Math.exp(gaussian(stream))],
    ['tied', (stream) => stream.int(3)],
  ] as const satisfies readonly (readonly [string, (stream: ReturnType<typeof seededStream>) => number])[]) {
    const stream = seededStream(1, 'null', name);
    let alarms = 0;
    for (let round = 0; round < 400; round++) {
      const values = Array.from({ length: 30 }, () => draw(stream));
      if (changePoints(values, { level: 0.05, stream, permutations: 99 }).length > 0) alarms++;
    }
    assert.ok(alarms / 400 <= 0.05 + 3.5 * Math.sqrt((0.05 * 0.95) / 400), `${name}: ${alarms} of 400`);
  }
});

test('a shift of two standard deviations after 20 of 40 nights is found in nine series of ten, to three nights', () => {
  const stream = seededStream(1, 'power');
  let near = 0;
  for (let round = 0; round < 100; round++) {
    const values = Array.from({ length: 40 }, (_, night) => gaussian(stream) + (night < 20 ? 0 : 2));
    const found = changePoints(values, { level: 0.05, stream, permutations: 99 });
    if (found.some(({ index }) => Math.abs(index - 20) <= 3)) near++;
  }
  assert.ok(near >= 90, `${near} of 100`);
});

test('a pulse has two changes, which a comparison of the two whole sides would hide', () => {
  const stream = seededStream(2, 'pulse');
  const values = Array.from({ length: 45 }, (_, night) => gaussian(stream) + (night >= 15 && night < 30 ? 5 : 0));
  const found = changePoints(values, { level: 0.05, stream });
  assert.deepEqual(
    found.map(({ index }) => index),
    [15, 30],
  );
});

test('the same stream gives the same answer; constant and short series have no change', () => {
  const values = [1, 2, 1, 2, 1, 9, 8, 9, 8, 9];
  const run = () => changePoints(values, { level: 0.05, stream: seededStream(3, 'x') });
  assert.deepEqual(run(), run());
  assert.deepEqual(
    run().map(({ index }) => index),
    [5],
  );
  const options = () => ({ level: 0.05, stream: seededStream(3, 'x') });
  assert.deepEqual(changePoints(new Array<number>(30).fill(4), options()), []);
  assert.deepEqual(changePoints([1, 2, 3, 4, 5], options()), []);
});

test('a level that the permutations cannot reach and other odd options are refused', () => {
  const stream = seededStream(1, 'x');
  assert.throws(() => changePoints([1, 2], { level: 0.001, stream }), /199 permutations cannot reach the level 0.001/);
  assert.throws(() => changePoints([1, 2], { level: 0, stream }), /between 0 and 1, not 0/);
  assert.throws(() => changePoints([1, 2], { level: 0.05, stream, least: 1 }), /at least 2 values, not 1/);
  assert.throws(() => changePoints([1, NaN], { level: 0.05, stream }), /not NaN/);
});
