import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  hodgesLehmannTwoSample,
  hodgesLehmannTwoSampleRatio,
  leastNOfTwo,
} from '../../src/statistics/hodges-lehmann-two-sample.ts';
import { normalQuantile } from '../../src/statistics/normal.ts';
import { seededStream } from '../../src/statistics/random.ts';
import { assertClose } from './close.ts';
import { readTwoSampleOracle } from './two-sample-oracle.ts';

const oracle = readTwoSampleOracle();

test('shift and interval are those of counting every way to share the ranks out', () => {
  for (const { x, y, asked, value, low, high, confidence } of oracle.shifts) {
    const found = hodgesLehmannTwoSample(x, y, asked);
    assertClose(found.value, value, 1e-12);
    assert.deepEqual([found.low === null, found.high === null], [low === null, high === null]);
    if (low === null || high === null || confidence === null) continue;
    assertClose(found.low as number, low, 1e-12);
    assertClose(found.high as number, high, 1e-12);
    assertClose(found.confidence as number, confidence, 1e-12);
  }
});

test('too few values have no interval, and the least n is said', () => {
  assert.deepEqual([0.8, 0.9, 0.95, 0.99].map(leastNOfTwo), [3, 3, 4, 5]);
  const { low, high, confidence, warnings, n } = hodgesLehmannTwoSample([1, 2, 3], [4, 5, 6], 0.95);
  assert.deepEqual([low, high, confidence, n], [null, null, null, 3]);
  assert.deepEqual(warnings, ['interval not attainable with n = 3 and 3, needs 4 and 4']);
});

test('a ratio is the shift of logarithms, and refuses what has none', () => {
  const ratio = hodgesLehmannTwoSampleRatio([2, 4, 8, 16], [1, 2, 4, 8], 0.95);
  assertClose(ratio.value, 2, 1e-12);
  assert.throws(() => hodgesLehmannTwoSampleRatio([1, 0], [1], 0.95), /positive values, not 0/);
});

test('constant data have a shift without width', () => {
  const { value, low, high } = hodgesLehmannTwoSample([5, 5, 5, 5], [3, 3, 3, 3], 0.95);
  assert.deepEqual([value, low, high], [2, 2, 2]);
});

test('the interval covers the true shift as often as it says', () => {
  const stream = seededStream(9, 'two-sample coverage');
  const noise = (): number => normalQuantile(Math.max(stream.next(), 1e-12));
  const skewed = (): number => Math.exp(noise());
  for (const [m, n, draw] of [
    [6, 6, noise],
    [10, 10, skewed],
    [20, 12, noise],
    [60, 60, noise],
  ] as const) {
    const rounds = m > 50 ? 400 : 1500;
    let covered = 0;
    let stated = 0;
    for (let round = 0; round < rounds; round++) {
      const x = Array.from({ length: m }, () => draw() + 3);
      const y = Array.from({ length: n }, draw);
      const { low, high, confidence } = hodgesLehmannTwoSample(x, y, 0.95);
      if ((low as number) <= 3 && 3 <= (high as number)) covered++;
      stated = confidence as number;
    }
    const error = 3.5 * Math.sqrt((stated * (1 - stated)) / rounds);
    assert.ok(Math.abs(covered / rounds - stated) <= error, `${m}, ${n}: ${covered / rounds} of ${stated}`);
  }
});
