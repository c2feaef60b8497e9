import assert from 'node:assert/strict';
import { test } from 'node:test';

import { effectiveSampleSize, seriesMean } from '../../src/statistics/autocorrelation.ts';
import type { RandomStream } from '../../src/statistics/random.ts';
import { seededStream } from '../../src/statistics/random.ts';
import { assertClose } from './close.ts';
import { gaussian } from '../../src/statistics/gaussian.ts';
import { readOrderOracle } from './order-oracle.ts';

/** A steady AR(1) series of variance 1 and mean 0. */
function autoregressive(n: number, phi: number, stream: RandomStream): number[] {
  const values = [gaussian(stream)];
  while (values.length < n) values.push(phi * (values.at(-1) as number) + Math.sqrt(1 - phi ** 2) * gaussian(stream));
  return values;
}

/** The variance of the mean of such a series, in closed form. */
function meanVariance(n: number, phi: number): number {
  let sum = 1;
  for (let lag = 1; lag < n; lag++) sum += 2 * (1 - lag / n) * phi ** lag;
  return sum / n;
}

test("the effective number is that of Geyer's definition on NumPy's correlations", () => {
  for (const { values, effectiveN } of readOrderOracle().effectiveSize) {
    assertClose(effectiveSampleSize(values), effectiveN, 1e-9, `n = ${values.length}`);
  }
});

test('on AR(1) series the standard error is that of the closed form, to 10 % in the mean', () => {
  for (const [n, phi] of [
    [300, 0],
    [300, 0.5],
    [1000, 0.8],
    [3000, 0.9],
  ] as const) {
    const stream = seededStream(1, 'standard error', phi);
    let sum = 0;
    for (let round = 0; round < 60; round++) sum += seriesMean(autoregressive(n, phi, stream), 0.95).standardError;
    assertClose(sum / 60, Math.sqrt(meanVariance(n, phi)), 0.1, `n = ${n}, φ = ${phi}`);
  }
});

test('the interval covers the mean of a series of 300 readings nearly as often as it states; one that takes them for independent does not', () => {
  const least = { 0: 0.93, 0.5: 0.92, 0.9: 0.88 };
  for (const phi of [0, 0.5, 0.9] as const) {
    const stream = seededStream(1, 'coverage', phi);
    let [covered, naive] = [0, 0];
    for (let round = 0; round < 600; round++) {
      const values = autoregressive(300, phi, stream);
      const { value, low, high, standardError, effectiveN } = seriesMean(values, 0.95);
      if (low !== null && high !== null && low <= 0 && 0 <= high) covered++;
      if (Math.abs(value) <= 1.96 * standardError * Math.sqrt((effectiveN - 1) / 299)) naive++;
    }
    assert.ok(covered / 600 >= least[phi] && covered / 600 <= 0.98, `φ = ${phi}: ${covered / 600}`);
    if (phi > 0) assert.ok(naive / 600 < 0.8, `φ = ${phi}: ${naive / 600}`);
  }
});

test('readings that are worth their number have the interval of Student for independent ones', () => {
  const found = seriesMean([4, 2, 4, 2, 4, 2, 4, 2], 0.95);
  assert.deepEqual([found.value, found.effectiveN, found.n], [3, 8, 8]);
  assertClose(found.standardError, Math.sqrt(1 / 7), 1e-12);
  // 2.364624 is the 0.975 quantile of t with 7 degrees of freedom.
  assertClose((found.high as number) - 3, 2.364624 * Math.sqrt(1 / 7), 0.005);
  assertClose(3 - (found.low as number), 2.364624 * Math.sqrt(1 / 7), 0.005);
});

test('a window that is worth too few readings says so and has no interval', () => {
  const found = seriesMean(
    Array.from({ length: 40 }, (_, i) => i),
    0.95,
  );
  assert.equal(found.value, 19.5);
  assert.deepEqual([found.low, found.high, found.confidence], [null, null, null]);
  assert.match(found.warnings[0] as string, /^interval not attainable: the 40 readings are worth \d\.\d independent/);
});

test('constant readings are worth their number; swinging ones no more than that; odd ones are refused', () => {
  const flat = seriesMean(new Array<number>(10).fill(3), 0.95);
  assert.deepEqual([flat.effectiveN, flat.standardError, flat.low, flat.high], [10, 0, 3, 3]);
  assert.equal(effectiveSampleSize([1, -1, 1, -1, 1, -1, 1, -1]), 8);
  assert.equal(effectiveSampleSize([5]), 1);
  assert.throws(() => effectiveSampleSize([]), RangeError);
  assert.throws(() => seriesMean([1, Infinity], 0.95), /not Infinity/);
});
