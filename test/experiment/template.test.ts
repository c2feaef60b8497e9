import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { UserError } from '../../src/errors.ts';
import { parseTemplate, readTemplate } from '../../src/experiment/workloads/template.ts';

describe('parseTemplate', () => {
  test('splits text and placeholders', () => {
    assert.deepEqual(parseTemplate('/a?n={int:-5..1000}&h={hex:16}&u={uuid}&c={choice:a|b c}&s={seq}.'), [
      { kind: 'text', text: '/a?n=' },
      { kind: 'int', min: -5, max: 1000 },
      { kind: 'text', text: '&h=' },
      { kind: 'hex', digits: 16 },
      { kind: 'text', text: '&u=' },
      { kind: 'uuid' },
      { kind: 'text', text: '&c=' },
      { kind: 'choice', options: ['a', 'b c'] },
      { kind: 'text', text: '&s=' },
      { kind: 'seq' },
      { kind: 'text', text: '.' },
    ]);
    assert.deepEqual(parseTemplate(''), []);
  });

  test('leaves JSON alone', () => {
    assert.deepEqual(parseTemplate('{"session":{int:1..9},"more":{"a":{}}}'), [
      { kind: 'text', text: '{"session":' },
      { kind: 'int', min: 1, max: 9 },
      { kind: 'text', text: ',"more":{"a":{}}}' },
    ]);
  });

  test('reads {{ as a brace', () => {
    assert.deepEqual(parseTemplate('{{uuid} {{{seq}'), [{ kind: 'text', text: '{uuid} {' }, { kind: 'seq' }]);
  });

  const bad: readonly (readonly [string, string, string])[] = [
    ['{int:9..1}', 'the placeholder {int:9..1} has its ends the wrong way round', 'write {int:1..9}'],
    ['{int:1-9}', 'the placeholder {int:1-9} is not a range of whole numbers', 'write {int:1..1000}'],
    [
      '{int:0..99999999999999999999}',
      'the placeholder {int:0..99999999999999999999} is not a range of whole numbers',
      'write {int:1..1000}',
    ],
    ['{hex:0}', 'the placeholder {hex:0} does not say how many digits', 'write {hex:16} for 16 digits'],
    ['{hex:9999999}', 'the placeholder {hex:9999999} does not say how many digits', 'write {hex:16} for 16 digits'],
    ['{choice:a||b}', 'the placeholder {choice:a||b} has an empty choice', 'write {choice:a|b|c}'],
    ['{choice}', 'the placeholder {choice} has an empty choice', 'write {choice:a|b|c}'],
    ['{uuid:4}', 'the placeholder {uuid:4} takes no argument', 'write {uuid}'],
    ['{seq:{int:1..2}', 'the placeholder {seq:… is not closed', 'close it with }, or write {{ for a brace'],
    [
      '{sesion}',
      'there is no placeholder {sesion}',
      'there are {int:1..1000}, {hex:16}, {uuid}, {choice:a|b|c} and {seq}; {{ stands for a brace',
    ],
    [
      '{uid}',
      'there is no placeholder {uid}',
      'did you mean {uuid}? there are {int:1..1000}, {hex:16}, {uuid}, {choice:a|b|c} and {seq}; {{ stands for a brace',
    ],
  ];
  for (const [text, problem, hint] of bad) {
    test(`refuses ${text}`, () => {
      assert.deepEqual(readTemplate(`/x${text}`), { problem, hint });
      assert.throws(() => parseTemplate(text), UserError);
    });
  }

  test('keeps every text that has no lower-case word after a brace', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const doubled = text.replaceAll('{', '{{');
        assert.deepEqual(parseTemplate(doubled), text === '' ? [] : [{ kind: 'text', text }]);
      }),
    );
  });
});
