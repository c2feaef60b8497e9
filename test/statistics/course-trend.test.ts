import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { courseTrend } from '../../src/statistics/course-trend.ts';
import { assertClose } from './close.ts';

interface Row {
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly confidence: number;
  readonly slope: number;
  readonly low: number;
  readonly high: number;
  readonly standardError: number;
  readonly slow: boolean;
}

const { trends } = JSON.parse(
  readFileSync(new URL('../fixtures/statistics/oracle-trend.json', import.meta.url), 'utf8'),
) as { readonly trends: readonly Row[] };

test('slope and interval are those of the matrices, by SciPy and NumPy; each of the two errors is the larger one somewhere', () => {
  for (const { x, y, confidence, slope, low, high, standardError } of trends) {
    const found = courseTrend(x, y, confidence);
    const name = `n = ${x.length}`;
    assertClose(found.value, slope, 1e-8, name);
    assertClose(found.low as number, low, 1e-8, name);
    assertClose(found.high as number, high, 1e-8, name);
    assertClose(found.standardError, standardError, 1e-8, name);
    assert.equal(found.n, x.length);
  }
  assert.deepEqual(new Set(trends.map(({ slow }) => slow)), new Set([true, false]));
});

test('a line has its slope and no error; fewer than eight readings have no interval', () => {
  const xs = Array.from({ length: 20 }, (_, i) => 3 * i);
  const line = courseTrend(
    xs,
    xs.map((x) => 7 + 2 * x),
    0.95,
  );
  assertClose(line.value, 2, 1e-12);
  assert.ok(line.standardError < 1e-12);
  const few = courseTrend([0, 1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6, 7], 0.95);
  assertClose(few.value, 1, 1e-12);
  assert.deepEqual([few.low, few.high, few.confidence], [null, null, null]);
  assert.match(few.warnings[0] ?? '', /needs 8/);
  assert.throws(() => courseTrend([1, 1, 1], [1, 2, 3], 0.95), /two different x/);
  assert.throws(() => courseTrend([1, 2], [1, 2, 3], 0.95), /do not go with/);
});

test('thousands of readings are averaged first: the slope stays, and it takes no time', () => {
  const xs = Array.from({ length: 50_000 }, (_, i) => i);
  const ys = xs.map((x) => 5 + 0.01 * x + ((x * 7919) % 101));
  assertClose(courseTrend(xs, ys, 0.95).value, 0.01, 0.01);
});
