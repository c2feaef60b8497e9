import assert from 'node:assert/strict';
import { test } from 'node:test';

import { normalCdf, normalQuantile } from '../../src/statistics/normal.ts';
import { assertClose } from './close.ts';
import { readOracle } from './oracle.ts';

const oracle = readOracle();

test('the normal distribution agrees with scipy.stats.norm to 1e-12 in both tails', () => {
  // Below −37.5 the result is subnormal and has fewer digits.
  for (const [x, p] of oracle.normal.cdf) assertClose(normalCdf(x), p, x < -37.5 ? 1e-6 : 1e-12, `Φ(${x})`);
});

test('its inverse agrees with scipy.stats.norm to 1e-12 from 1e-300 up', () => {
  // Near 1 a probability itself has no more than 1e-16 of absolute precision, which is 1e-4 of 1 − p = 1e-12.
  for (const [p, x] of oracle.normal.quantile) {
    const tolerance = p > 0.99 ? 1e-16 / (1 - p) : 1e-12;
    const error = Math.abs(normalQuantile(p) - x);
    assert.ok(error <= Math.max(1e-16, Math.max(1e-12, tolerance) * Math.abs(x)), `quantile of ${p}: off by ${error}`);
  }
});

test('the inverse has its ends at infinity and refuses what is no probability', () => {
  assert.equal(normalQuantile(0), -Infinity);
  assert.equal(normalQuantile(1), Infinity);
  for (const bad of [-0.1, 1.1, NaN]) assert.throws(() => normalQuantile(bad), RangeError);
  assert.ok(Number.isNaN(normalCdf(NaN)));
});
