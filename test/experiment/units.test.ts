import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  DURATION_OR_ZERO,
  DURATION_SYNTAX,
  parseDuration,
  parsePercent,
  parseRate,
  parseSize,
  quote,
  RATE_SYNTAX,
  SHARE_SYNTAX,
  SIZE_SYNTAX,
  writeDuration,
  writePercent,
  writeRate,
  writeSize,
  type Parsed,
  type QuantitySyntax,
} from '../../src/units/units.ts';

function valueOf(parsed: Parsed<number>): number | string {
  return 'value' in parsed ? parsed.value : parsed.problem;
}

describe('reading units', () => {
  const cases: readonly (readonly [(text: string) => Parsed<number>, string, number])[] = [
    [parseDuration, '30s', 30],
    [parseDuration, '1m30s', 90],
    [parseDuration, '500ms', 0.5],
    [parseDuration, '2h', 7200],
    [parseDuration, '0.1s', 0.1],
    [parseDuration, '1s500ms', 1.5],
    [parseDuration, '250us', 0.00025],
    [parseDuration, '0s', 0],
    [parseSize, '512MiB', 536_870_912],
    [parseSize, '64KiB', 65_536],
    [parseSize, '1GiB', 2 ** 30],
    [parseSize, '1TiB', 2 ** 40],
    [parseSize, '4096', 4096],
    [parseSize, '4096B', 4096],
    [parseRate, '200/s', 200],
    [parseRate, '6000/min', 100],
    [parseRate, '36/h', 0.01],
    [parseRate, '0.5/s', 0.5],
    [parsePercent, '5%', 0.05],
    [parsePercent, '99.9%', 0.999],
    [parsePercent, '0.1%', 0.001],
    [parsePercent, '250%', 2.5],
  ];
  for (const [parse, text, value] of cases) {
    test(`${text} is ${value}`, () => assert.equal(valueOf(parse(text)), value));
  }

  test('decimal units of size are refused, with the binary one to write', () => {
    assert.deepEqual(parseSize('64MB'), {
      problem: '"64MB" is not a size',
      hint: 'write 64MiB: the units are B, KiB, MiB, GiB and TiB, as in GOMEMLIMIT',
    });
    for (const text of ['64M', '64m', '64 MiB', '64mib', '64Mb', '64MiBs', '0x40', '1e6', '', '-1', '١']) {
      assert.ok('problem' in parseSize(text), text);
    }
  });
});

const syntaxes: Readonly<Record<string, QuantitySyntax>> = {
  DURATION_OR_ZERO,
  DURATION_SYNTAX,
  RATE_SYNTAX,
  SHARE_SYNTAX,
  SIZE_SYNTAX,
};

for (const [name, { parse, pattern }] of Object.entries(syntaxes)) {
  test(`${name}: the JSON Schema’s pattern accepts what the parser accepts`, () => {
    const agrees = (text: string): void => {
      const parsed = parse(text);
      assert.equal('value' in parsed, pattern.test(text), `${JSON.stringify(text)}: ${JSON.stringify(parsed)}`);
      if ('value' in parsed) assert.ok(Number.isFinite(parsed.value));
      else assert.notEqual(parsed.hint, '');
    };
    // Text of the alphabet of units meets the edges of the grammar more often than any text does.
    const alphabet = fc.constantFrom(
      ...'000123459.%/- '.split(''),
      'h',
      'm',
      's',
      'ms',
      'us',
      'min',
      'B',
      'KiB',
      'MiB',
      'i',
      '+',
    );
    fc.assert(
      fc.property(fc.array(alphabet, { maxLength: 8 }), (parts) => agrees(parts.join(''))),
      { numRuns: 3000 },
    );
    fc.assert(fc.property(fc.string(), agrees));
    const digits = fc.stringMatching(/^[0-9]{1,12}(\.[0-9]{1,10})?$/);
    const unit = fc.constantFrom(
      'h',
      'm',
      's',
      'ms',
      'us',
      '%',
      '/s',
      '/min',
      '/h',
      'B',
      'KiB',
      'MiB',
      'GiB',
      'TiB',
      '',
    );
    fc.assert(
      fc.property(digits, unit, (number, suffix) => agrees(number + suffix)),
      { numRuns: 3000 },
    );
  });
}

describe('what is written is read again as the same value', () => {
  test('durations, to the microsecond', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3_000_000_000_000 }), (microseconds) => {
        assert.equal(valueOf(parseDuration(writeDuration(microseconds / 1e6))), microseconds / 1e6);
      }),
    );
    assert.equal(writeDuration(90.5), '1m30s500ms');
    assert.equal(writeDuration(0), '0s');
  });

  test('sizes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999_999 }), fc.integer({ min: 0, max: 33 }), (factor, power) => {
        const bytes = factor * 2 ** power;
        assert.equal(valueOf(parseSize(writeSize(bytes))), bytes);
      }),
    );
    assert.equal(writeSize(64 * 2 ** 20), '64MiB');
    assert.equal(writeSize(1536 * 2 ** 20), '1536MiB');
    assert.equal(writeSize(1000), '1000B');
  });

  test('rates', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999_999_999 }), fc.constantFrom(1, 10, 1000), (count, divisor) => {
        assert.equal(valueOf(parseRate(writeRate(count / divisor))), count / divisor);
      }),
    );
  });

  test('percentages', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000 }), (parts) => {
        const fraction = Number(`${parts}e-6`);
        assert.equal(valueOf(parsePercent(writePercent(fraction))), fraction);
      }),
    );
    assert.equal(writePercent(0.999), '99.9%');
  });
});

test('quoted text cannot leave its quotes or its line', () => {
  assert.equal(quote('a"b\n\u001b[31m'), '"a\\"b\\n\\u001b[31m"');
  assert.equal(quote('x'.repeat(100)).length, 79);
});
