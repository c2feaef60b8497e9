import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { drift, theilSen } from '../../src/statistics/theil-sen.ts';
import { assertClose } from './close.ts';
import { readOracle } from './oracle.ts';

test('the slope agrees with scipy.stats.theilslopes', () => {
  for (const { x, y, slope } of readOracle().theilSen) {
    assertClose(theilSen(x, y) as number, slope, 1e-12, `n = ${x.length}`);
  }
});

test('no slope without two different x; lists of different length are refused', () => {
  assert.equal(theilSen([1], [2]), undefined);
  assert.equal(theilSen([1, 1, 1], [1, 2, 3]), undefined);
  assert.throws(() => theilSen([1, 2], [1]), RangeError);
  assert.throws(() => drift([1, 2], [1]), RangeError);
});

test('drift is what was gained over the time, relative to the level', () => {
  const seconds = Array.from({ length: 51 }, (_, i) => i / 5);
  const values = seconds.map((at) => 100 + at);
  assertClose(drift(seconds, values), 10 / 105, 1e-12);
  assertClose(
    drift(
      seconds,
      values.map((value) => -value),
    ),
    -10 / 105,
    1e-12,
  );
});

test('one wild reading in three does not make a drift', () => {
  const seconds = Array.from({ length: 60 }, (_, i) => i);
  const values = seconds.map((i) => (i % 4 === 3 ? 1e6 * i : 100));
  assert.equal(drift(seconds, values), 0);
});

test('many readings are merged, which changes nothing on a straight line', () => {
  const seconds = Array.from({ length: 6000 }, (_, i) => i / 10);
  const values = seconds.map((at) => 50 + at / 100);
  assertClose(drift(seconds, values), 5.999 / 52.9995, 1e-6);
});

test('fewer than three values and a level of zero have no drift', () => {
  assert.equal(drift([0, 1], [1, 5]), 0);
  assert.equal(drift([0, 1, 2], [-1, 0, 1]), 0);
  assert.equal(drift([], []), 0);
});

test('property: the drift does not depend on units', () => {
  const values = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 3, maxLength: 40 });
  fc.assert(
    fc.property(values, (list) => {
      const seconds = list.map((_, i) => i);
      const one = drift(seconds, list);
      const other = drift(
        seconds.map((at) => at * 4),
        list.map((value) => value * 1024),
      );
      assert.ok(Math.abs(one - other) < 1e-9);
    }),
  );
});
