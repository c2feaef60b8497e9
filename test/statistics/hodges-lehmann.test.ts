import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { hodgesLehmann, hodgesLehmannRatio, walshRank } from '../../src/statistics/hodges-lehmann.ts';
import { signedRankTest } from '../../src/statistics/signed-rank.ts';
import { assertClose } from './close.ts';
import { readOracle } from './oracle.ts';

const oracle = readOracle();

test('the ranks of the interval are those of all 2^n signs, counted out', () => {
  for (const { n, confidence, best } of oracle.walshRanks) {
    const found = walshRank(n, confidence);
    assert.equal(found?.k, best?.[0], `n = ${n}, ${confidence}`);
    if (found && best) assertClose(found.confidence, best[1], 1e-12, `n = ${n}`);
  }
});

test('shift and interval agree with the Walsh averages of NumPy', () => {
  for (const { differences, value, low, high } of oracle.hodgesLehmann) {
    const found = hodgesLehmann(differences, 0.95);
    assert.ok(Math.abs(found.value - value) < 1e-12);
    for (const [own, other] of [
      [found.low, low],
      [found.high, high],
    ] as const) {
      if (other === null) assert.equal(own, null);
      else assert.ok(own !== null && Math.abs(own - other) < 1e-12, `n = ${differences.length}: ${own}, ${other}`);
    }
  }
});

test('three differences by hand: Walsh averages 1, 1.5, 2, 3, 3.5, 5', () => {
  const estimate = hodgesLehmann([1, 2, 5], 0.75);
  assert.equal(estimate.value, 2.5);
  assert.deepEqual([estimate.low, estimate.high, estimate.confidence], [1, 5, 0.75]);
  assert.deepEqual(hodgesLehmann([1, 2, 5], 0.95).warnings, ['interval not attainable with n = 3, needs 6']);
});

test('a ratio is the shift of the logarithms', () => {
  const pairs = [
    [2, 1],
    [4, 2],
    [8, 4],
    [6, 3],
    [10, 5],
    [2.2, 1.1],
  ] as const;
  const estimate = hodgesLehmannRatio(pairs, 0.95);
  for (const end of [estimate.value, estimate.low, estimate.high]) assertClose(end as number, 2, 1e-12);
  assert.throws(() => hodgesLehmannRatio([[1, 0]], 0.95), /positive values, not 0/);
  assert.throws(() => hodgesLehmannRatio([[-1, 2]], 0.95), /positive values, not -1/);
});

const sixOrMore = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 6, maxLength: 15 });

test('property: a shift of the data shifts the estimate; a turned sign turns the interval', () => {
  fc.assert(
    fc.property(sixOrMore, fc.integer({ min: -500, max: 500 }), (values, by) => {
      const one = hodgesLehmann(values, 0.95);
      const moved = hodgesLehmann(
        values.map((value) => value + by),
        0.95,
      );
      assert.equal(moved.value + 0, one.value + by + 0);
      assert.equal((moved.low as number) + 0, (one.low as number) + by + 0);
      const turned = hodgesLehmann(
        values.map((value) => -value),
        0.95,
      );
      // + 0 makes a zero of either sign the same one
      assert.equal((turned.low as number) + 0, -(one.high as number) + 0);
      assert.equal(turned.value + 0, -one.value + 0);
    }),
  );
});

test('property: the interval leaves out zero only where the test rejects at what it attains', () => {
  // Without ties and zeros the interval is the test turned round, exactly.
  const distinct = fc.uniqueArray(
    fc.integer({ min: -1000, max: 1000 }).filter((value) => value !== 0),
    {
      minLength: 6,
      maxLength: 12,
      selector: Math.abs,
    },
  );
  fc.assert(
    fc.property(distinct, (values) => {
      const estimate = hodgesLehmann(values, 0.95);
      const excludes = (estimate.low as number) > 0 || (estimate.high as number) < 0;
      const rejects = (signedRankTest(values).p as number) <= 1 - (estimate.confidence as number) + 1e-12;
      assert.equal(excludes, rejects, JSON.stringify(values));
    }),
  );
});

test('property: the ratio of the pairs turned round is the reciprocal', () => {
  const positive = fc.double({ min: 1e-6, max: 1e9, noNaN: true });
  fc.assert(
    fc.property(fc.array(fc.tuple(positive, positive), { minLength: 6, maxLength: 10 }), (pairs) => {
      const one = hodgesLehmannRatio(pairs, 0.95);
      const other = hodgesLehmannRatio(
        pairs.map(([a, b]) => [b, a] as const),
        0.95,
      );
      assertClose(other.value * one.value, 1, 1e-9);
      assertClose((other.low as number) * (one.high as number), 1, 1e-9);
    }),
  );
});
