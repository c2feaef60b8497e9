import assert from 'node:assert/strict';
import test from 'node:test';
import { commonScale } from '../../src/units/format-units.ts';
import { columnScale } from '../../src/report/column-scale.ts';
import { figureLine, figureOf, intervalText, mapped } from '../../src/report/figure.ts';
import type { Estimate } from '../../src/statistics/estimate.ts';

const MIB = 2 ** 20;

function estimate(value: number, low: number | null = null, high: number | null = null): Estimate {
  const refused = low === null ? ['interval not attainable with n = 4, needs 6'] : [];
  return { value, low, high, confidence: low === null ? null : 0.96875, method: 'median', n: 6, warnings: refused };
}

test('a figure has its interval in the unit of its column', () => {
  const scale = commonScale([38.2 * MIB], 'bytes');
  const figure = figureOf(estimate(38.2 * MIB, 33.1 * MIB, 44 * MIB), { scale, kind: 'level' });
  assert.equal(figureLine(figure, scale.suffix), '38.2 MiB (33.1–44.0)');
});

test('a figure without an interval says why, in its place', () => {
  const scale = commonScale([1], 'seconds');
  const figure = figureOf(estimate(1), { scale, kind: 'difference' });
  assert.equal(figureLine(figure, scale.suffix), '+1.00 s (interval not attainable with n = 4, needs 6)');
  assert.deepEqual([figure.interval, figure.confidence], [undefined, undefined]);
});

test('intervals can be read: signs where one end is negative, a true minus', () => {
  const scale = commonScale([0.5], 'fraction');
  assert.equal(intervalText(0.1, 0.5, scale), '10.0–50.0');
  assert.equal(intervalText(-0.1, 0.5, scale), '−10.0 to +50.0');
  assert.equal(intervalText(-0.5, -0.1, scale), '−50.0 to −10.0');
  assert.equal(intervalText(-0.1, -0.1, scale), '−10.0');
  assert.equal(intervalText(-0.00001, 0.5, scale), '0.0 to +50.0', 'no minus before a zero');
});

test('a saving is a difference turned: its ends change places', () => {
  const turned = mapped(estimate(-9, -10, -8), (value) => -value);
  assert.deepEqual([turned.value, turned.low, turned.high], [9, 8, 10]);
  assert.deepEqual(mapped(estimate(2), (value) => value - 1).low, null);
});

test('a column of GC CPU keeps two figures of its smallest, one of memory a decimal of its middle', () => {
  const fractions = columnScale([estimate(0.089), estimate(0.0056)], 'fraction');
  assert.deepEqual([fractions.number(0.089), fractions.number(0.0056)], ['8.90', '0.56']);
  const memory = columnScale([estimate(16 * MIB), estimate(27 * MIB), estimate(114 * MIB)], 'bytes');
  assert.deepEqual([memory.format(16 * MIB), memory.format(114 * MIB)], ['16.0 MiB', '114.0 MiB']);
  const large = columnScale([estimate(300 * MIB), estimate(400 * MIB)], 'bytes');
  assert.equal(large.format(300.4 * MIB), '300 MiB');
  assert.equal(columnScale([estimate(0), estimate(0)], 'fraction').format(0), '0.00 %');
  assert.equal(columnScale([estimate(2e-9)], 'fraction', 'difference').format(2e-9), '0.00 %', 'no decimals of noise');
});
