import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  commonScale,
  formatBytes,
  formatCount,
  formatFraction,
  formatSeconds,
  formatUnit,
  formatWait,
  type MetricUnit,
} from '../../src/units/format-units.ts';

describe('values for people', () => {
  const cases: readonly (readonly [(value: number) => string, number, string])[] = [
    [formatBytes, 0, '0 B'],
    [formatBytes, 512, '512 B'],
    [formatBytes, 1536, '1.50 KiB'],
    [formatBytes, 40_055_603, '38.2 MiB'],
    [formatBytes, 148_897_792, '142 MiB'],
    [formatBytes, -40_055_603, '-38.2 MiB'],
    [formatBytes, 1023.9 * 1024, '1.00 MiB'],
    [formatBytes, 5 * 2 ** 40, '5.00 TiB'],
    [formatBytes, 9000 * 2 ** 40, '9000 TiB'],
    [formatSeconds, 0, '0 s'],
    [formatSeconds, 0.0123, '12.3 ms'],
    [formatSeconds, 0.00000042, '420 ns'],
    [formatSeconds, 0.00042, '420 µs'],
    [formatSeconds, 1.5, '1.50 s'],
    [formatSeconds, 90, '90.0 s'],
    [formatSeconds, 0.9999, '1.00 s'],
    [formatFraction, 0.061, '6.1 %'],
    [formatFraction, 0.123, '12.3 %'],
    [formatFraction, 0.0031, '0.31 %'],
    [formatFraction, 0.00012, '0.012 %'],
    [formatFraction, 1.234, '123 %'],
    [formatFraction, 0, '0 %'],
    [formatCount, 0, '0'],
    [formatCount, 12_345, '12,345'],
    [formatCount, 1_234_567, '1,234,567'],
    [formatCount, -1000, '-1,000'],
    [formatCount, 4.5, '4.50'],
    [formatBytes, Number.NaN, 'n/a'],
    [formatBytes, Infinity, '∞'],
    [formatCount, -Infinity, '-∞'],
    [(value) => formatUnit(value, 'cores'), 0.4321, '0.432 cores'],
    [(value) => formatUnit(value, 'per-second'), 123.4, '123 /s'],
    [(value) => formatUnit(value, 'bytes-per-second'), 33_554_432, '32.0 MiB/s'],
    [(value) => formatUnit(value, 'count'), 1234, '1,234'],
    [formatWait, 45, '45 s'],
    [formatWait, 250, '4 min 10 s'],
    [formatWait, 7500, '2 h 05 min'],
    [formatWait, 3599.7, '1 h 00 min'],
  ];
  for (const [format, value, text] of cases) test(`${text} is ${value}`, () => assert.equal(format(value), text));
});

describe('commonScale', () => {
  test('gives a row of values one prefix and one number of decimals', () => {
    const scale = commonScale([100 * 1024, 40_055_603, -2_000_000], 'bytes');
    assert.deepEqual([scale.suffix, scale.divisor, scale.decimals], ['MiB', 2 ** 20, 1]);
    assert.deepEqual(
      [100 * 1024, 40_055_603, -2_000_000].map((value) => scale.number(value)),
      ['0.1', '38.2', '-1.9'],
    );
    assert.equal(scale.format(40_055_603), '38.2 MiB');
  });

  test('never shows a zero with a sign', () => {
    const scale = commonScale([2 ** 30, -1], 'bytes');
    assert.equal(scale.number(-1), '0.00');
  });

  test('shows the largest value with at least two and at most four digits before it rounds away', () => {
    const unit = fc.constantFrom<MetricUnit>('bytes', 'seconds', 'bytes-per-second');
    const value = fc.tuple(fc.double({ min: 1, max: 10, noNaN: true }), fc.integer({ min: -9, max: 14 }));
    fc.assert(
      fc.property(unit, value, (shownAs, [mantissa, power]) => {
        const scale = commonScale([mantissa * 10 ** power], shownAs);
        const shown = Number(scale.number(mantissa * 10 ** power)) * scale.divisor;
        // Whole bytes are shown as such; all others with three figures.
        const tolerance = shownAs === 'seconds' ? 0.006 : Math.max(0.006, 0.6 / (mantissa * 10 ** power));
        assert.ok(
          Math.abs(shown / (mantissa * 10 ** power) - 1) < tolerance || shown === 0,
          scale.number(mantissa * 10 ** power),
        );
      }),
    );
  });

  test('takes no values', () => {
    assert.equal(commonScale([], 'seconds').format(0), '0 s');
    assert.equal(commonScale([Number.NaN], 'fraction').format(Number.NaN), 'n/a');
  });
});
