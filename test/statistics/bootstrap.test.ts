import assert from 'node:assert/strict';
import { test } from 'node:test';

import { acceleration, bcaInterval, bootstrapEstimate, widenedTail } from '../../src/statistics/bootstrap.ts';
import { median } from '../../src/statistics/descriptive.ts';
import { seededStream } from '../../src/statistics/random.ts';
import { studentQuantile } from '../../src/statistics/student.ts';
import { assertClose } from './close.ts';
import { readOracle } from './oracle.ts';

const oracle = readOracle();
const statistics = {
  mean: (sample: readonly number[]): number => sample.reduce((sum, value) => sum + value, 0) / sample.length,
  median: (sample: readonly number[]): number => median(sample),
};

test("from the same replicates the interval is that of scipy.stats.bootstrap(method='BCa')", () => {
  for (const { statistic, sample, replicates, interval } of oracle.bca) {
    const of = statistics[statistic];
    const sorted = Float64Array.from(replicates).sort();
    const found = bcaInterval(sorted, of(sample), acceleration(sample, of), 0.025);
    assertClose(found?.low as number, interval[0], 1e-9, `${statistic} of ${sample.length}, low`);
    assertClose(found?.high as number, interval[1], 1e-9, `${statistic} of ${sample.length}, high`);
  }
});

test('the interval rests on resamples of whole blocks, and says how it was made', () => {
  // A block holds a cell and its baseline; what all of its trials share goes out of the ratio only if they stay together.
  const blocks = Array.from({ length: 12 }, (_, i) => {
    const shared = 2 ** i;
    return { cell: shared * (1.5 + 0.01 * (i % 3)), baseline: shared };
  });
  const ratio = (sample: Readonly<typeof blocks>): number =>
    sample.reduce((sum, { cell }) => sum + cell, 0) / sample.reduce((sum, { baseline }) => sum + baseline, 0);
  const found = bootstrapEstimate(blocks, ratio, {
    confidence: 0.95,
    stream: seededStream(7, 'x'),
    name: 'ratio of means',
    resamples: 999,
  });
  assert.equal(found.method, 'ratio of means, BCa bootstrap');
  assert.ok((found.low as number) >= 1.5 && (found.high as number) <= 1.52 + 1e-12);
  assert.ok((found.low as number) < found.value && found.value < (found.high as number));
});

test('for large n its own resamples give the interval of 200,000 of SciPy, to a tenth of a standard error', () => {
  const row = oracle.bca.find(({ statistic, sample }) => statistic === 'mean' && sample.length === 40);
  assert.ok(row);
  const stream = seededStream(1, 'bootstrap test');
  const found = bootstrapEstimate(row.sample, statistics.mean, { confidence: 0.95, stream, name: 'mean' });
  // Widening at n = 40 adds a twentieth.
  assert.ok(Math.abs((found.low as number) - row.many[0]) < 0.2 * row.standardError);
  assert.ok(Math.abs((found.high as number) - row.many[1]) < 0.2 * row.standardError);
  assert.equal(found.method, 'mean, BCa bootstrap');
  assert.deepEqual(found.warnings, []);
});

test("Student's quantile agrees with scipy.stats.t", () => {
  for (const [p, degrees, t] of oracle.studentQuantile) {
    assertClose(studentQuantile(p, degrees), t, 1e-9, `t of ${p} with ${degrees}`);
  }
});

test('the widening vanishes for large n and leaves 0.24 % at n = 6', () => {
  assertClose(widenedTail(1e6, 0.95), 0.025, 1e-4);
  assertClose(widenedTail(6, 0.95), 0.00243, 0.005);
});

test('the same seed gives the same interval, another seed another', () => {
  const sample = [1, 4, 2, 8, 5, 7, 12, 3];
  const run = (seed: number) =>
    bootstrapEstimate(sample, statistics.mean, {
      confidence: 0.95,
      stream: seededStream(seed, 'x'),
      name: 'mean',
      resamples: 500,
    });
  assert.deepEqual(run(1), run(1));
  assert.notDeepEqual(run(1), run(2));
});

test('a small sample is warned of; too small a one and one that never varies have no interval', () => {
  const options = () => ({ confidence: 0.95, stream: seededStream(3, 'x'), name: 'mean', resamples: 500 });
  const small = bootstrapEstimate([1, 2, 3, 5, 8, 13], statistics.mean, options());
  assert.deepEqual(small.warnings, ['bootstrap interval of n = 6: may cover less than its 95 %']);
  assert.ok((small.low as number) >= 1 && (small.high as number) <= 13);
  const tiny = bootstrapEstimate([1, 2, 3], statistics.mean, options());
  assert.deepEqual([tiny.low, tiny.warnings], [null, ['interval not attainable with n = 3, needs 5']]);
  const flat = bootstrapEstimate([4, 4, 4, 4, 4, 4], statistics.mean, options());
  assert.deepEqual([flat.low, flat.warnings], [null, ['interval not attainable: the statistic never varies']]);
});

test('a statistic of pairs: what is resampled stays together', () => {
  const pairs = Array.from({ length: 15 }, (_, i) => [2 * (i + 1), i + 1] as const);
  const ratio = (sample: readonly (readonly [number, number])[]): number =>
    sample.reduce((sum, [a]) => sum + a, 0) / sample.reduce((sum, [, b]) => sum + b, 0);
  const found = bootstrapEstimate(pairs, ratio, {
    confidence: 0.95,
    stream: seededStream(4, 'x'),
    name: 'ratio',
    resamples: 300,
  });
  assert.equal(found.value, 2);
  assert.deepEqual(found.warnings, ['interval not attainable: the statistic never varies']);
});

test('a statistic that is not finite in some resamples has no interval, and one that never is is refused', () => {
  const options = () => ({ confidence: 0.95, stream: seededStream(5, 'x'), name: 'odd', resamples: 300 });
  const inverseOfSecond = (sample: readonly number[]): number => 1 / ((sample[0] as number) - 1);
  const found = bootstrapEstimate([2, 1, 3, 4, 5, 6], inverseOfSecond, options());
  assert.deepEqual(found.warnings, ['interval not attainable: odd is not finite in some resamples']);
  assert.throws(() => bootstrapEstimate([1, 1, 1, 1, 1], inverseOfSecond, options()), /odd is Infinity/);
});
