import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import test from 'node:test';
import { parse } from 'yaml';
import { jsonDocument, jsonText } from '../../src/text/json-text.ts';
import { shellWord, systemdAssignment, yamlText } from '../../src/text/quoted.ts';

const HOSTILE = [
  'plain',
  '',
  'a b',
  "it's",
  '$(id)`id`"\\',
  '; rm -rf ~ #',
  '*?[a]{b,c}~!',
  'x\nExecStartPre=/bin/id',
  '%n %h',
  '\u001b[31mred\u202e',
] as const;

test('a word for the shell is one word, and the same one, in a real shell', () => {
  const plain = [
    'plain',
    '',
    'a b',
    "it's",
    '$(id)`id`"\\',
    '; rm -rf ~ #',
    '*?[a]{b,c}~!',
    'x ExecStartPre=/bin/id',
    '%n %h',
    'red',
  ];
  const line = `for word in ${HOSTILE.map(shellWord).join(' ')}; do printf '%s\\n' "$word"; done`;
  assert.deepEqual(execFileSync('sh', ['-c', line], { encoding: 'utf8' }).split('\n').slice(0, -1), plain);
  assert.equal(shellWord('results/demo-1'), 'results/demo-1');
  assert.equal(shellWord('-rf'), './-rf', 'no flag');
});

test('an assignment for systemd stays on its line, in its quotes, and names no specifier', () => {
  assert.equal(systemdAssignment('GOGC', '25'), 'GOGC=25');
  assert.equal(systemdAssignment('GOGC', '25\nExecStartPre=/bin/id'), '"GOGC=25 ExecStartPre=/bin/id"');
  assert.equal(systemdAssignment('A', '%h "x\\'), '"A=%%h \\"x\\\\"');
});

test('a YAML scalar is text, whatever it looks like', () => {
  for (const text of ['25', 'off', 'no', '1e3', 'a: b', '- x', '"', "'", '#', '{x}', '&a', '\u2028'])
    assert.deepEqual(parse(`value: ${yamlText(text)}\n`), { value: text === '\u2028' ? ' ' : text });
});

test('JSON holds nothing that a terminal acts on, and is the same JSON', () => {
  const value = { text: HOSTILE.join('\n') + '\u009b2J\u202e\u2028' };
  for (const text of [jsonText(value), jsonDocument(value)]) {
    // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
    assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e]/);
    assert.deepEqual(JSON.parse(text), value);
  }
});

test('a document of JSON has every key: what does not apply is null', () => {
  assert.equal(
    jsonDocument({ a: undefined, b: [undefined, 1] }),
    '{\n  "a": null,\n  "b": [\n    null,\n    1\n  ]\n}\n',
  );
  assert.equal(jsonText({ a: undefined, b: 1 }), '{"b":1}');
});
