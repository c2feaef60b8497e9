import assert from 'node:assert/strict';
import { test } from 'node:test';

import { kendallDistribution } from '../../src/statistics/kendall.ts';
import { assertClose } from './close.ts';
import { readOrderOracle } from './order-oracle.ts';

const oracle = readOrderOracle();

test('the distribution of the count is that of all orders, counted out, with and without tied x', () => {
  for (const { groups, mass } of oracle.kendallCount) {
    const found = kendallDistribution(groups);
    assert.equal(found.length, mass.length, groups.join());
    found.forEach((probability, c) => assertClose(probability, mass[c] as number, 1e-12, `${groups.join()}: ${c}`));
  }
});

test('twice its tail is the exact p of scipy.stats.kendalltau, n to 50', () => {
  for (const { n, count, p } of oracle.kendallExact) {
    const mass = kendallDistribution(new Array<number>(n).fill(1));
    const tail = mass.subarray(0, count + 1).reduce((sum, probability) => sum + probability, 0);
    assertClose(Math.min(1, 2 * tail), p, 1e-9, `n = ${n}, ${count}`);
  }
});

test('at 400 points it still sums to 1 and is symmetric', () => {
  const mass = kendallDistribution(new Array<number>(400).fill(1));
  assertClose(
    mass.reduce((sum, probability) => sum + probability, 0),
    1,
    1e-9,
  );
  assert.equal(mass.length, 79_801);
  assert.equal(mass[30_000], mass[79_800 - 30_000]);
});

test('in 100 groups of three it still sums to 1, without a negative probability', () => {
  const mass = kendallDistribution(new Array<number>(100).fill(3));
  assertClose(
    mass.reduce((sum, probability) => sum + probability, 0),
    1,
    1e-9,
  );
  assert.ok(mass.every((probability) => probability >= 0));
});

test('in 20 groups of three the least count has the probability of the one order without a rising pair', () => {
  const mass = kendallDistribution(new Array<number>(20).fill(3));
  let log = 20 * Math.log(6);
  for (let n = 2; n <= 60; n++) log -= Math.log(n);
  assertClose(mass[0] as number, Math.exp(log), 1e-9);
});
