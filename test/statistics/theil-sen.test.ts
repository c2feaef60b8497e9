import assert from 'node:assert/strict';
import { test } from 'node:test';

import { seededStream } from '../../src/statistics/random.ts';
import { slopeEstimate, slopeRank } from '../../src/statistics/theil-sen.ts';
import { assertClose } from './close.ts';
import { gaussian } from '../../src/statistics/gaussian.ts';
import { readOracle } from './oracle.ts';
import { readOrderOracle } from './order-oracle.ts';

test('the slope agrees with scipy.stats.theilslopes', () => {
  for (const { x, y, slope } of readOracle().theilSen) {
    assertClose(slopeEstimate(x, y, 0.95).value, slope, 1e-12, `n = ${x.length}`);
  }
});

test('no slope without two different x; lists of different length are refused', () => {
  assert.throws(() => slopeEstimate([1, 1, 1], [1, 2, 3], 0.95), /two different x/);
  assert.throws(() => slopeEstimate([1, 2], [1], 0.95), /2 x do not go with 1 y/);
});

/** All orders of the numbers from 0 to n − 1. */
function orders(n: number): readonly (readonly number[])[] {
  if (n === 0) return [[]];
  return orders(n - 1).flatMap((rest) => Array.from({ length: n }, (_, at) => rest.toSpliced(at, 0, n - 1)));
}

test('over all orders of the rests the interval covers the slope exactly as often as it states', () => {
  for (const xs of [
    [0, 1, 2, 3, 4],
    [0, 1, 3, 7, 8, 20],
    [0, 0, 1, 1, 2, 2],
    [0, 0, 0, 1, 2, 3, 4],
  ]) {
    const all = orders(xs.length);
    for (const confidence of [0.5, 0.8, 0.95]) {
      let covered = 0;
      let stated = NaN;
      for (const order of all) {
        // Rests of no two equal slopes, so that none of them is exactly zero.
        const ys = xs.map((x, i) => 0.25 * x + Math.sqrt(2 + (order[i] as number)));
        const { low, high, confidence: attained } = slopeEstimate(xs, ys, confidence);
        if ((low as number) < 0.25 && 0.25 < (high as number)) covered++;
        stated = attained as number;
      }
      assert.ok(stated >= confidence);
      assertClose(covered / all.length, stated, 1e-12, `${xs.join()} at ${confidence}`);
    }
  }
});

test('its ends are those of scipy.stats.theilslopes or a few slopes away, where the normal ranks are off', () => {
  for (const { x, y, slope, low, high } of readOrderOracle().slopes) {
    const found = slopeEstimate(x, y, 0.95);
    assertClose(found.value, slope, 1e-12);
    const sorted = x
      .flatMap((first, i) =>
        x.slice(i + 1).map((second, j) => ((y[i + 1 + j] as number) - (y[i] as number)) / (second - first)),
      )
      .filter(Number.isFinite)
      .toSorted((a, b) => a - b);
    const place = (end: number): number => sorted.findIndex((value) => value >= end - 1e-12);
    assert.ok(Math.abs(place(found.low as number) - place(low)) <= 2, `n = ${x.length}, low`);
    assert.ok(Math.abs(place(found.high as number) - place(high)) <= 2, `n = ${x.length}, high`);
  }
});

test('the interval of a slope needs five different x at 95 %, and says so; without two there is no slope', () => {
  const four = slopeEstimate([0, 1, 2, 3], [1, 2, 4, 8], 0.95);
  assert.deepEqual([four.low, four.high, four.confidence], [null, null, null]);
  assert.deepEqual(four.warnings, ['interval not attainable with n = 4 at these x, needs 5 different ones']);
  assertClose(slopeRank([0, 1, 2, 3, 4], 0.95)?.confidence as number, 1 - 2 / 120, 1e-12);
  // Six points, but at two x only: twenty ways to share them out.
  assert.equal(slopeRank([0, 0, 0, 1, 1, 1], 0.95), undefined);
  assertClose(slopeRank([0, 0, 0, 1, 1, 1], 0.9)?.confidence as number, 0.9, 1e-12);
  assert.throws(() => slopeEstimate([1, 1], [1, 2], 0.95), /two different x/);
  assert.throws(() => slopeEstimate([1, 2], [1, NaN], 0.95), /not NaN/);
  assert.throws(() => slopeEstimate([1, 2], [1, 2], 1), /confidence/);
});

test('the interval covers the slope of a noisy line as often as it states', () => {
  const stream = seededStream(1, 'slope');
  const xs = Array.from({ length: 12 }, (_, i) => i);
  let [covered, stated] = [0, NaN];
  for (let round = 0; round < 2000; round++) {
    const found = slopeEstimate(
      xs,
      xs.map((x) => 5 + 0.3 * x + gaussian(stream)),
      0.95,
    );
    if ((found.low as number) <= 0.3 && 0.3 <= (found.high as number)) covered++;
    stated = found.confidence as number;
  }
  assert.ok(Math.abs(covered / 2000 - stated) < 3.5 * Math.sqrt((stated * (1 - stated)) / 2000), `${covered}`);
});
