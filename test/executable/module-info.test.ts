import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseModuleInfo } from '../../src/executable/module-info.ts';

test('settings are unquoted as Go quotes them', () => {
  const text = [
    'path\texample.com/a',
    'mod\texample.com/a\t(devel)\t',
    'dep\texample.com/b\tv1.0.0\th1:x=',
    '=>\t../b\t\t',
    'build\t-ldflags="-s -w -X \\"a=b\\""',
    'build\t-tags=a,b',
    'build\t"odd key"=`raw "value"`',
    'build\tempty=',
    'build\t__proto__=x',
    'build\tunicode="\\u00e9\\x41\\n\\U0001F600"',
    '',
  ].join('\n');
  const { settings, ...rest } = parseModuleInfo('go1.26.8', text);
  assert.deepEqual(rest, {
    goVersion: 'go1.26.8',
    path: 'example.com/a',
    mainModule: { path: 'example.com/a', version: '(devel)' },
  });
  assert.deepEqual(Object.entries(settings), [
    ['-ldflags', '-s -w -X "a=b"'],
    ['-tags', 'a,b'],
    ['odd key', 'raw "value"'],
    ['empty', ''],
    ['__proto__', 'x'],
    ['unicode', 'éA\n😀'],
  ]);
});

test('a build without modules has a version and nothing else', () => {
  assert.deepEqual(parseModuleInfo('go1.13', ''), {
    goVersion: 'go1.13',
    path: '',
    mainModule: undefined,
    settings: {},
  });
});

test('any text is parsed without a crash', () => {
  const lines = fc.array(fc.tuple(fc.constantFrom('path', 'mod', 'build', 'x'), fc.string({ unit: 'binary' })));
  fc.assert(
    fc.property(lines, (parts) => {
      const text = parts.map(([kind, rest]) => `${kind}\t${rest}`).join('\n');
      assert.equal(parseModuleInfo('go', text).goVersion, 'go');
    }),
  );
});
