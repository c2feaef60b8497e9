import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { signedRankDistribution, signedRankTest } from '../../src/statistics/signed-rank.ts';
import { assertClose } from './close.ts';
import { readOracle } from './oracle.ts';

const oracle = readOracle();

test("W⁺ and its exact p agree with scipy.stats.wilcoxon(method='exact')", () => {
  for (const { differences, wPlus, p } of oracle.signedRank) {
    const found = signedRankTest(differences);
    assert.equal(found.wPlus, wPlus);
    assertClose(found.p as number, p, 1e-12, `n = ${differences.length}`);
  }
});

test('with ties and zeros the p is that of all 2^n signs, counted out', () => {
  for (const { differences, wPlus, p } of oracle.signedRankTied) {
    const found = signedRankTest(differences);
    assert.equal(found.wPlus, wPlus);
    assertClose(found.p as number, p, 1e-12, JSON.stringify(differences));
  }
});

test('the least p of n blocks is 2^(1−n): six blocks reach 0.03125', () => {
  assert.equal(signedRankTest([1, 2, 3, 4, 5, 6]).p, 0.03125);
  assert.equal(signedRankTest([1, 2, 3, 4, 5]).p, 0.0625);
});

test('zeros are left out, and with nothing left there is no p', () => {
  assert.deepEqual(signedRankTest([0, 0, 3]), { wPlus: 1, p: 1, n: 1, zeros: 2 });
  assert.deepEqual(signedRankTest([0, 0]), { wPlus: 0, p: null, n: 0, zeros: 2 });
  assert.equal(signedRankTest([]).p, null);
});

test('the distribution is symmetric and sums to one, for large n too', () => {
  for (const n of [1, 6, 20, 60, 150]) {
    const mass = signedRankDistribution(n);
    assert.equal(mass.length, (n * (n + 1)) / 2 + 1);
    assertClose(
      mass.reduce((sum, part) => sum + part, 0),
      1,
      1e-12,
      `n = ${n}`,
    );
    for (let w = 0; w < mass.length; w++) assert.equal(mass[w], mass[mass.length - 1 - w]);
  }
});

test('property: p does not change when all signs do, nor when everything is scaled', () => {
  const differences = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 25 });
  fc.assert(
    fc.property(differences, (values) => {
      const { p } = signedRankTest(values);
      assert.equal(signedRankTest(values.map((value) => -value)).p, p);
      assert.equal(signedRankTest(values.map((value) => value * 8)).p, p);
      assert.ok(p === null || (p > 0 && p <= 1));
    }),
  );
});
