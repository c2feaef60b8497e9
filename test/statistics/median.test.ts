import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { median, medianInPlace } from '../../src/statistics/descriptive.ts';
import { leastN } from '../../src/statistics/least-n.ts';
import { medianEstimate, orderStatisticRank } from '../../src/statistics/median.ts';
import { assertClose } from './close.ts';
import { readOracle } from './oracle.ts';

test('the ranks of the interval and the confidence they attain are those of scipy.stats.binom', () => {
  for (const { n, confidence, best } of readOracle().orderStatistics) {
    const found = orderStatisticRank(n, confidence);
    assert.equal(found?.k, best?.[0], `n = ${n}, ${confidence}`);
    if (found && best) assertClose(found.confidence, best[1], 1e-11, `n = ${n}, ${confidence}`);
  }
});

test('six trials at 95 %: from the least to the greatest, with 96.875 %', () => {
  const estimate = medianEstimate([5, 3, 9, 1, 7, 4], 0.95);
  assert.deepEqual(estimate, {
    value: 4.5,
    low: 1,
    high: 9,
    confidence: 0.96875,
    method: 'median, order statistics',
    n: 6,
    warnings: [],
  });
});

test('too few trials have a median and a warning, but no interval', () => {
  const estimate = medianEstimate([4, 2, 8, 6], 0.95);
  assert.equal(estimate.value, 5);
  assert.deepEqual([estimate.low, estimate.high, estimate.confidence], [null, null, null]);
  assert.deepEqual(estimate.warnings, ['interval not attainable with n = 4, needs 6']);
});

test('the least n is the first with an interval', () => {
  for (const confidence of [0.5, 0.8, 0.9, 0.95, 0.96875, 0.99, 0.999]) {
    const n = leastN(confidence);
    assert.ok(orderStatisticRank(n, confidence) !== undefined, `${n} at ${confidence}`);
    assert.equal(orderStatisticRank(n - 1, confidence), undefined, `${n - 1} at ${confidence}`);
  }
  assert.equal(leastN(0.95), 6);
  assert.equal(leastN(0.99), 8);
});

test('what is not a sample or not a confidence is refused', () => {
  assert.throws(() => medianEstimate([], 0.95), /at least one value/);
  assert.throws(() => medianEstimate([1, NaN], 0.95), /finite numbers, not NaN/);
  for (const bad of [0, 1, -1, 95, NaN]) assert.throws(() => medianEstimate([1, 2], bad), /between 0 and 1/);
});

const sample = fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 40 });

test('property: the interval is made of values of the sample around the median, whatever their order', () => {
  fc.assert(
    fc.property(sample, fc.integer({ min: 0, max: 1000 }), (values, turn) => {
      const estimate = medianEstimate(values, 0.95);
      const turned = values.map((_, i) => values[(i + turn) % values.length] as number);
      assert.deepEqual(medianEstimate(turned, 0.95), estimate);
      if (estimate.low === null || estimate.high === null) return;
      assert.ok(values.includes(estimate.low) && values.includes(estimate.high));
      assert.ok(estimate.low <= estimate.value && estimate.value <= estimate.high);
      assert.ok((estimate.confidence as number) >= 0.95);
    }),
  );
});

test('the sample that is passed in stays in its order', () => {
  const values = [3, 1, 2];
  medianEstimate(values, 0.5);
  assert.deepEqual(values, [3, 1, 2]);
});

test('the median by selection is that by sorting, whatever the values and their order', () => {
  const values = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: -1_000_000, max: 1_000_000 }));
  fc.assert(
    fc.property(fc.array(values, { minLength: 1, maxLength: 900 }), (sample) => {
      assert.equal(medianInPlace(Float64Array.from(sample)), median(sample));
    }),
  );
});
