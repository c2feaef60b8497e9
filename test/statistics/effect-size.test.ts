import assert from 'node:assert/strict';
import { test } from 'node:test';

import { cliffsDelta, rankBiserial } from '../../src/statistics/effect-size.ts';
import { mannWhitneyTest } from '../../src/statistics/mann-whitney.ts';
import { signedRankTest } from '../../src/statistics/signed-rank.ts';
import { assertClose } from './close.ts';
import { readEffectOracle } from './effect-oracle.ts';

const oracle = readEffectOracle();

test('the rank-biserial correlation is the difference of the shares of ranks, ties and zeros included', () => {
  for (const { differences, value } of oracle.rankBiserial) {
    assertClose(rankBiserial(signedRankTest(differences)) ?? NaN, value, 1e-12, differences.join());
  }
  assert.equal(rankBiserial(signedRankTest([1, 2, 3])), 1);
  assert.equal(rankBiserial(signedRankTest([-1, -2, 0])), -1);
  assert.equal(rankBiserial(signedRankTest([0, 0])), null);
});

test("Cliff's delta is that counted over all pairs, and says which sample is greater", () => {
  for (const { x, y, value } of oracle.cliffsDelta) {
    assertClose(cliffsDelta(mannWhitneyTest(x, y), x.length, y.length), value, 1e-12, x.join());
  }
  assert.equal(cliffsDelta(mannWhitneyTest([4, 5], [1, 2, 3]), 2, 3), 1);
  assert.equal(cliffsDelta(mannWhitneyTest([2, 2], [2, 2]), 2, 2), 0);
});
