import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { antitonic, isotonic } from '../../src/statistics/isotonic.ts';
import { readOrderOracle } from './order-oracle.ts';

function assertAlike(found: readonly number[], expected: readonly number[]): void {
  assert.equal(found.length, expected.length);
  found.forEach((value, i) => assert.ok(Math.abs(value - (expected[i] as number)) < 1e-12, `${i}: ${value}`));
}

test('rising, falling and weighted fits agree with IsotonicRegression of scikit-learn', () => {
  for (const { values, weights, rising, falling, weightedRising } of readOrderOracle().isotonic) {
    assertAlike(isotonic(values), rising);
    assertAlike(antitonic(values), falling);
    assertAlike(isotonic(values, weights), weightedRising);
  }
});

test('by hand: 1 3 2 4 pools the middle; a weight of 3 on the 3 pulls it up', () => {
  assert.deepEqual(isotonic([1, 3, 2, 4]), [1, 2.5, 2.5, 4]);
  assert.deepEqual(isotonic([1, 3, 2, 4], [1, 3, 1, 1]), [1, 2.75, 2.75, 4]);
  assert.deepEqual(antitonic([1, 3, 2, 4]), [2.5, 2.5, 2.5, 2.5]);
});

test('an empty list, what is no number and odd weights are refused', () => {
  assert.throws(() => isotonic([]), RangeError);
  assert.throws(() => isotonic([1, Infinity]), /not Infinity/);
  assert.throws(() => isotonic([1, 2], [1]), /2 values, 1 weights/);
  assert.throws(() => isotonic([1, 2], [1, 0]), /positive and finite, not 0/);
  assert.throws(() => antitonic([1, 2], [NaN, 1]), /positive and finite, not NaN/);
});

const weighted = fc.array(fc.tuple(fc.integer({ min: -100, max: 100 }), fc.integer({ min: 1, max: 9 })), {
  minLength: 1,
  maxLength: 30,
});

test('property: no other rising list is nearer, and what rises already is left exactly as it is', () => {
  fc.assert(
    fc.property(weighted, weighted, (list, other) => {
      const values = list.map(([value]) => value);
      const weights = list.map(([, weight]) => weight);
      const fit = isotonic(values, weights);
      fit.forEach((value, i) => assert.ok(i === 0 || value >= (fit[i - 1] as number)));
      assert.deepEqual(isotonic(fit, weights), fit);
      // The projection onto a cone: its residual makes no acute angle with the way to any other rising list.
      const rival = values.map((_, i) => other[i % other.length]?.[0] as number).toSorted((a, b) => a - b);
      const angle = values.reduce(
        (sum, value, i) =>
          sum + (weights[i] as number) * (value - (fit[i] as number)) * ((rival[i] as number) - (fit[i] as number)),
        0,
      );
      assert.ok(angle <= 1e-6, `${angle}`);
    }),
  );
});
