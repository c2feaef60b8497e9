import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseWrittenSize, scanPlainNumber, scanSize } from '../../src/units/written-size.ts';

const MIB = 2 ** 20;

test('sizes are read as they are written, with how far rounding may be off', () => {
  for (const [text, bytes, low, high] of [
    ['6225920', 6225920, 6225920, 6225920],
    ['234,567,890', 234567890, 234567890, 234567890],
    ['234.567.890', 234567890, 234567890, 234567890],
    ['234 567 890', 234567890, 234567890, 234567890],
    ['234\u00a0567\u00a0890 B', 234567890, 234567890, 234567890],
    ["234'567'890", 234567890, 234567890, 234567890],
    ['234_567_890', 234567890, 234567890, 234567890],
    ['1,234', 1234, 1234, 1234],
    ['2.5e+07', 25000000, 25000000, 25000000],
    ['50077000.0', 50077000, 50077000, 50077000],
    ['0x1f00000', 32505856, 32505856, 32505856],
    ['-0', 0, 0, 0],
    // Whole numbers of a unit may be cut off or rounded, decimals are rounded.
    ['7 MiB', 7 * MIB, 6.5 * MIB, 8 * MIB],
    ['7\u202fMiB', 7 * MIB, 6.5 * MIB, 8 * MIB],
    ['7Mi', 7 * MIB, 6.5 * MIB, 8 * MIB],
    ['0 MiB', 0, 0, MIB],
    ['918.7MiB', 963326771, 963274342, 963379200],
    ['234,5 MiB', 245891072, 245838643, 245943501],
    ['1,234.5 MiB', 1294467072, 1294414643, 1294519501],
    ['1.234,5 MiB', 1294467072, 1294414643, 1294519501],
    ['.5MiB', 524288, 471859, 576717],
    ['316252KiB', 316252 * 1024, 316251.5 * 1024, 316253 * 1024],
    ['2 gibibytes', 2 ** 31, 1.5 * 2 ** 30, 3 * 2 ** 30],
  ] as const) {
    const read = parseWrittenSize(text);
    assert.deepEqual('value' in read ? read.value : read, { bytes, low, high, ...vagueOf(read) }, text);
    assert.equal(vagueOf(read).vague, undefined, text);
  }
});

function vagueOf(read: ReturnType<typeof parseWrittenSize>): { vague?: { unit: string; bytes: number } | undefined } {
  return 'value' in read && 'vague' in read.value ? { vague: read.value.vague } : {};
}

test('k, kB, M, MB, G and GB are of 1024, and known to mean 1000 to some', () => {
  for (const [text, bytes, thousands, unit] of [
    ['5.5M', 5.5 * MIB, 5_500_000, 'M'],
    ['0.0M', 0, 0, 'M'],
    ['6.25 GB', 6.25 * 2 ** 30, 6.25e9, 'GB'],
    ['512kB', 512 * 1024, 512_000, 'kB'],
    ['512 KB', 512 * 1024, 512_000, 'KB'],
    ['3k', 3072, 3000, 'k'],
    ['1.2g', Math.round(1.2 * 2 ** 30), 1.2e9, 'g'],
    ['15 megabytes', 15 * MIB, 15e6, 'megabytes'],
  ] as const) {
    const read = parseWrittenSize(text);
    assert.ok('value' in read, text);
    assert.equal(read.value.bytes, bytes, text);
    assert.deepEqual(read.value.vague, { unit, bytes: thousands }, text);
  }
});

test('no prefix of a number is taken, and nothing is guessed', () => {
  for (const [text, said] of [
    ['12abc', /followed by "abc"/],
    ['12%', /followed by "%"/],
    ['12 MiB/s', /followed by "\/s"/],
    ['12MiBs', /followed by "MiBs"/],
    ['12 fluffs', /"fluffs", which is not a unit/],
    ['12 34', /followed by "3"/],
    ['12\t\t34', /followed by "3"/],
    ['7MiB -> 8MiB', /followed by "->"/],
    ['918.7MiB / 2GiB', /followed by "\/"/],
    ['5.5', /not a whole number of bytes/],
    ['1,234 MB', /may be a number with decimals/],
    ['1..5M', /not a number/],
    ['1,2,3', /not a number/],
    ['12,34,567', /not a number/],
    ['1,234.567.890', /not a number/],
    ['-5', /negative/],
    ['5.M', /not a size/],
    ['9'.repeat(80), /followed by/],
    ['9'.repeat(30), /more memory than any machine/],
    ['99999999 TiB', /more memory than any machine/],
    ['', /not a number/],
    ['MiB', /not a number/],
    ['１２', /not a number/],
    ['1e999', /too large/],
  ] as const) {
    const read = parseWrittenSize(text);
    assert.ok('problem' in read, text);
    assert.match(read.problem, said, text);
    assert.ok(read.hint.length > 0);
  }
});

test('in a text the next name, the end of a sentence and the marks around a number end it', () => {
  for (const [text, end] of [
    ['12 Sys:3', 2],
    ['12, Sys', 2],
    ['12. Then', 2],
    ['12)', 2],
    ['12"', 2],
    ['12`', 2],
    ['12**', 2],
    ['12|', 2],
    ['12\\n', 2],
    ['12i', 2],
    ['12 MiB, and', 6],
    ['12 M:3', 2],
    ['12345678 done', 8],
    ['12 (1.2 KiB)', 2],
  ] as const) {
    const scanned = scanSize(text, 0);
    assert.ok('value' in scanned, `${text}: ${JSON.stringify(scanned)}`);
    assert.equal(scanned.end, end, text);
  }
});

test('plain numbers have separators and exponents, and no unit', () => {
  for (const [text, value] of [
    ['0.0014981951587293512', 0.0014981951587293512],
    ['1,021,415', 1021415],
    ['1538202755353124600', 1538202755353124600],
    ['2e3', 2000],
  ] as const) {
    const scanned = scanPlainNumber(text, 0);
    assert.ok('value' in scanned, text);
    assert.equal(scanned.value, value);
  }
  for (const text of ['75.4ms', '2026-01-02', '12:30', '1.2M', '1e999'])
    assert.ok('problem' in scanPlainNumber(text, 0), text);
});

test('whatever is written in a unit lies between what it is read as', () => {
  const units = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 } as const;
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2 ** 44 }),
      fc.constantFrom(...(Object.keys(units) as (keyof typeof units)[])),
      fc.integer({ min: 0, max: 4 }),
      fc.constantFrom('rounded', 'cut'),
      fc.boolean(),
      (bytes, unit, decimals, how, grouped) => {
        const amount = bytes / units[unit];
        const shown = decimals === 0 && how === 'cut' ? String(Math.floor(amount)) : amount.toFixed(decimals);
        const [whole = '', part] = shown.split('.');
        // One comma alone before a unit could be a decimal one, and is refused.
        const marked =
          grouped && (part !== undefined || whole.length > 6) ? whole.replace(/\B(?=(\d{3})+$)/g, ',') : whole;
        const text = `${marked}${part === undefined ? '' : `.${part}`} ${unit}`;
        const read = parseWrittenSize(text);
        assert.ok('value' in read, `${text}: ${JSON.stringify(read)}`);
        assert.ok(read.value.low <= bytes + 1 && bytes - 1 <= read.value.high, `${bytes} as ${text}`);
      },
    ),
  );
});
