import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { plainText } from '../../src/text/plain-text.ts';
import { wantsColor } from '../../src/cli/terminal/style.ts';
import { cutText, textWidth } from '../../src/text/text-width.ts';

for (const [choice, env, isTTY, expected] of [
  ['auto', {}, true, true],
  ['auto', {}, false, false],
  ['auto', { TERM: 'dumb' }, true, false],
  ['auto', { NO_COLOR: '1' }, true, false],
  ['auto', { NO_COLOR: '' }, true, true],
  ['auto', { FORCE_COLOR: '1' }, false, true],
  ['auto', { FORCE_COLOR: '0' }, true, false],
  ['auto', { NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
  ['always', { NO_COLOR: '1' }, false, true],
  ['never', { FORCE_COLOR: '1' }, true, false],
] as const) {
  test(`--color ${choice} with ${JSON.stringify(env)} on a ${isTTY ? 'terminal' : 'pipe'}: ${expected}`, () => {
    assert.equal(wantsColor(choice, env, isTTY), expected);
  });
}

test('wide characters take two columns, combining marks and colour codes none', () => {
  assert.equal(textWidth('日本語'), 6);
  assert.equal(textWidth('e\u0301'), 1);
  assert.equal(textWidth('\u001b[31mred\u001b[39m'), 3);
  assert.equal(textWidth('🚀'), 2);
  assert.equal(textWidth('± 3 µs ░█'), 9);
});

test('a text is cut to what fits, never within a wide character', () => {
  assert.equal(cutText('日本語', 5, '…'), '日本…');
  assert.equal(cutText('日本語', 4, '…'), '日…');
  assert.equal(cutText('abc', 3, '…'), 'abc');
  assert.equal(cutText('abcd', 2, '...'), '');
});

test('plain text holds nothing that a terminal acts on, whatever it is made from', () => {
  // oxlint-disable-next-line no-control-regex -- what must not be left
  const active = /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;
  const nasty = fc.array(
    fc.constantFrom('\u001b', '[', ']', '0', ';', 'm', '\u0007', '\\', 'P', '\u009b', '\n', '\u202e', 'a', '日'),
  );
  fc.assert(fc.property(nasty, (parts) => !active.test(plainText(parts.join('')))));
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !active.test(plainText(text))));
});

test('plain text keeps what is harmless and takes whole sequences away', () => {
  assert.equal(plainText('GOGC=25 → 43 MiB ± 1 %, 日本'), 'GOGC=25 → 43 MiB ± 1 %, 日本');
  assert.equal(
    plainText('\u001b[1;31mred\u001b[0m and \u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\'),
    'red and link',
  );
  assert.equal(plainText('two\r\nlines\tand a tab'), 'two lines and a tab');
  assert.equal(plainText('\u001b]0;never ends'), '0;never ends');
});
