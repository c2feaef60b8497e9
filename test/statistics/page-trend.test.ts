import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { pageTrendTest } from '../../src/statistics/page-trend.ts';
import { assertClose } from './close.ts';
import { readOrderOracle } from './order-oracle.ts';

const oracle = readOrderOracle();

test('L and both one-sided p agree with scipy.stats.page_trend_test, exact and approximate', () => {
  for (const { blocks, l, rising, falling, exact } of oracle.page) {
    const found = pageTrendTest(blocks);
    const what = `${blocks.length} blocks of ${blocks[0]?.length}`;
    assert.equal(found.l, l, what);
    assert.equal(found.method, exact ? "Page's L, exact" : "Page's L, normal approximation", what);
    assertClose(found.rising, rising, 1e-9, what);
    assertClose(found.falling, falling, 1e-9, what);
    assert.equal(found.p, Math.min(1, 2 * Math.min(found.rising, found.falling)));
    assert.equal(found.n, blocks.length);
  }
});

test('with ties the p are those of all orders of the midranks, counted out', () => {
  for (const { blocks, l, rising, falling } of oracle.pageTied) {
    const found = pageTrendTest(blocks);
    const what = JSON.stringify(blocks);
    assert.equal(found.l, l, what);
    assertClose(found.rising, rising, 1e-12, what);
    assertClose(found.falling, falling, 1e-12, what);
  }
});

test('two levels are a sign test: six blocks that all rise have 1/64', () => {
  const found = pageTrendTest(Array.from({ length: 6 }, (_, i) => [i, i + 0.5]));
  assertClose(found.rising, 1 / 64, 1e-15);
  assert.equal(found.falling, 1);
  assertClose(found.p, 1 / 32, 1e-15);
});

test('blocks without a trend to show leave p as it is; nothing but such blocks has p = 1', () => {
  const rising = [1, 2, 3];
  const flat = [7, 7, 7];
  assert.equal(pageTrendTest([rising, rising, flat, flat]).rising, pageTrendTest([rising, rising]).rising);
  const none = pageTrendTest([flat, flat]);
  assert.deepEqual([none.rising, none.falling, none.p], [1, 1, 1]);
  const many = pageTrendTest(Array.from({ length: 2 }, () => new Array<number>(14).fill(3)));
  assert.deepEqual([many.p, many.method], [1, "Page's L, normal approximation"]);
});

test('no blocks, one level, blocks of different length and what is no number are refused', () => {
  assert.throws(() => pageTrendTest([]), RangeError);
  assert.throws(() => pageTrendTest([[1], [2]]), /at least two levels/);
  assert.throws(
    () =>
      pageTrendTest([
        [1, 2, 3],
        [1, 2],
      ]),
    /a block has 2 levels, the first 3/,
  );
  assert.throws(() => pageTrendTest([[1, NaN, 3]]), /finite numbers, not NaN/);
});

const table = fc.tuple(fc.integer({ min: 2, max: 6 }), fc.integer({ min: 1, max: 8 })).chain(([levels, blocks]) =>
  fc.array(fc.array(fc.integer({ min: 0, max: 6 }), { minLength: levels, maxLength: levels }), {
    minLength: blocks,
    maxLength: blocks,
  }),
);

test('property: the two sides overlap in one sum, turn round with the levels and ignore what a block shares', () => {
  fc.assert(
    fc.property(table, (blocks) => {
      const found = pageTrendTest(blocks);
      assert.ok(found.rising + found.falling >= 1 - 1e-12);
      const turned = pageTrendTest(blocks.map((block) => block.toReversed()));
      assertClose(turned.falling, found.rising, 1e-12);
      const drifted = pageTrendTest(blocks.map((block, b) => block.map((value) => Math.exp(value / 4) * (b + 1))));
      assert.deepEqual(drifted, found);
    }),
  );
});
