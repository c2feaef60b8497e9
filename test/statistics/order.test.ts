import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { antitonic, isotonic } from '../../src/statistics/isotonic.ts';
import { pageTrendTest } from '../../src/statistics/page-trend.ts';
import { seededStream } from '../../src/statistics/random.ts';
import { assertClose } from './close.ts';
import { readDistributionsOracle } from './distributions-oracle.ts';

const oracle = readDistributionsOracle();

describe('Page’s trend test', () => {
  test('is scipy.stats.page_trend_test, exact and approximate', () => {
    for (const { blocks, l, p, asymptotic } of oracle.page) {
      const found = pageTrendTest(blocks);
      assert.equal(found.l, l);
      assert.equal(found.method, asymptotic === true ? 'Page, normal approximation' : 'Page, exact');
      assertClose(found.p as number, p, asymptotic === true ? 1e-9 : 1e-12, `${blocks.length} blocks`);
    }
  });

  test('with ties p is the share of all orders within blocks that reach as far', () => {
    const blocks = [
      [1, 1, 2],
      [0, 3, 3],
      [2, 2, 2],
    ];
    const orders = (row: readonly number[]): number[][] =>
      row.length < 2
        ? [[...row]]
        : row.flatMap((value, i) => orders(row.toSpliced(i, 1)).map((rest) => [value, ...rest]));
    const l = (rows: readonly (readonly number[])[]): number => pageTrendTest(rows).l;
    const all = orders(blocks[0] as number[]).flatMap((a) =>
      orders(blocks[1] as number[]).map((b) => l([a, b, blocks[2] as number[]])),
    );
    const expected = all.filter((value) => value >= l(blocks)).length / all.length;
    assertClose(pageTrendTest(blocks).p as number, expected, 1e-12);
  });

  test('without a trend it rejects as often as it says', () => {
    const stream = seededStream(4, 'page');
    let rejected = 0;
    for (let round = 0; round < 3000; round++) {
      const blocks = Array.from({ length: 6 }, () => Array.from({ length: 4 }, () => stream.next()));
      if ((pageTrendTest(blocks).p as number) <= 0.05) rejected++;
    }
    assert.ok(rejected / 3000 <= 0.05 + 0.012 && rejected / 3000 > 0.02, `${rejected} of 3000`);
  });

  test('equal values have no p; what is no table is refused', () => {
    assert.equal(
      pageTrendTest([
        [1, 1],
        [2, 2],
      ]).p,
      null,
    );
    for (const bad of [[], [[1]], [[1, 2], [1]], [[1, NaN]]]) assert.throws(() => pageTrendTest(bad), RangeError);
  });
});

describe('isotonic regression', () => {
  test('is scipy.optimize.isotonic_regression, rising and falling, weighted', () => {
    for (const { y, weights, increasing, fit } of oracle.isotonic) {
      (increasing ? isotonic : antitonic)(y, weights).forEach((value, i) =>
        assert.ok(Math.abs(value - (fit[i] as number)) < 1e-12, `${value} is not ${fit[i]}`),
      );
    }
  });

  test('rises, keeps the weighted mean, and leaves a rising sequence as it is', () => {
    const values = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(values, (ys) => {
        const fit = isotonic(ys);
        const sum = (all: readonly number[]): number => all.reduce((total, value) => total + value, 0);
        assert.ok(fit.every((value, i) => i === 0 || value >= (fit[i - 1] as number)));
        assert.ok(Math.abs(sum(fit) - sum(ys)) < 1e-9);
        const rising = ys.toSorted((a, b) => a - b);
        assert.deepEqual(isotonic(rising), rising);
      }),
    );
    assert.deepEqual([isotonic([]), antitonic([3, 2, 1])], [[], [3, 2, 1]]);
  });

  test('refuses weights that are none, and NaN', () => {
    assert.throws(() => isotonic([1, 2], [1]), RangeError);
    assert.throws(() => isotonic([1], [0]), RangeError);
    assert.throws(() => isotonic([NaN]), RangeError);
  });
});
