import assert from 'node:assert/strict';
import test from 'node:test';
import type { Document, Table } from '../../../src/report/document/document.ts';
import { writeText } from '../../../src/report/document/write-text.ts';
import { textWidth } from '../../../src/text/text-width.ts';
import { everywhere, FIGURE, HOSTILE, TABLE } from './samples.ts';

test('a figure has its unit in the head, its doubt before it, and its missing interval below the table', () => {
  assert.equal(
    writeText([{ kind: 'heading', level: 2, text: 'Summary' }, TABLE]),
    `Summary
cell                    memory                   saved
                           MiB                       %
GOGC=100        9.7 (9.3–10.1)
GOGC=50   8.1 (no interval: a)  ?9.7 (9.3–10.1, n = 7)
a: interval not attainable with n = 4, needs 6
`,
  );
});

test('a table that is too wide is cut where it may be, and goes on below with the names of its rows', () => {
  const wide = { ...TABLE, columns: [...TABLE.columns, { head: 'more', align: 'right' as const }] };
  const rows = TABLE.rows.map(({ cells }) => ({ cells: [...cells, '1234567890'] }));
  const lines = writeText([{ ...wide, rows }], { width: 50 }).split('\n');
  assert.equal(lines.filter((line) => line.startsWith('cell ')).length, 2);
  assert.equal(lines.filter((line) => line.startsWith('GOGC=50 ')).length, 2);
  assert.ok(lines.every((line) => textWidth(line) <= 50));
  const cut = writeText(
    [
      {
        kind: 'table',
        name: 'Trials',
        columns: [{ head: 'trial' }, { head: 'outcome', shrink: true }, { head: 'took' }],
        rows: [{ cells: ['b1', '世界'.repeat(30), '7 s'] }],
      },
    ],
    { width: 41 },
  ).split('\n');
  assert.equal(cut.length, 3, 'one block');
  assert.match(cut[1] ?? '', /^b1 {5}(世界)+世?… *7 s$/);
  assert.ok(textWidth(cut[1] ?? '') <= 41);
});

test('columns of wide characters, of combining marks and of ASCII stand below each other', () => {
  const names = ['GOGC=50', '世界', 'e\u0301tat', '🚀🚀'];
  const rows = names.map((name) => ({ cells: [name, { figure: FIGURE }] as const }));
  const lines = writeText([{ kind: 'table', name: '', columns: TABLE.columns.slice(0, 2), rows }])
    .trimEnd()
    .split('\n');
  assert.deepEqual(new Set(lines.slice(2).map(textWidth)), new Set([textWidth(lines[0] ?? '')]));
});

test('paragraphs, items, warnings and values of facts are wrapped, with numbers kept beside their units', () => {
  const text = `${'word '.repeat(7)}38.2 MiB (n = 7) ${'and so on '.repeat(9)}`;
  const document: Document = [
    { kind: 'prose', text },
    { kind: 'list', items: [text, [{ text, as: 'strong' }]] },
    { kind: 'warnings', warnings: [text] },
    {
      kind: 'facts',
      facts: [
        ['a name', text],
        ['a name', 'again'],
        ['other', ''],
      ],
    },
    { kind: 'note', text },
  ];
  const written = writeText(document, { width: 41 });
  assert.ok(
    written.split('\n').every((line) => textWidth(line) <= 41),
    written,
  );
  assert.match(written, /^38\.2 MiB/m);
  assert.match(written, /^a name {2}word/m);
  assert.match(written, /^ {8}again$/m);
  assert.equal(writeText(document).split('\n\n')[0]?.split('\n').length, 3, 'without a width nothing is wrapped');
  assert.equal(writeText(document, { width: 3 }), writeText(document, { width: 40 }));
});

test('empty tables, lists and folded parts leave no trace, and rows with sentences are a list', () => {
  const empty: Document = [
    { ...TABLE, rows: [] },
    { kind: 'list', items: [] },
    { kind: 'facts', facts: [] },
    { kind: 'warnings', warnings: [] },
    { kind: 'folded', title: 'more', blocks: [{ kind: 'prose', text: 'hidden' }] },
  ];
  assert.equal(writeText([{ kind: 'prose', text: 'a' }, ...empty, { kind: 'prose', text: 'b' }]), 'a\n\nb\n');
  const columns = [{ head: 'result' }, { head: '' }, { head: 'found', unit: 'MiB' }, { head: 'note', sentences: true }];
  const cells = ['failed', 'GOGC=50', { figure: FIGURE }, ''];
  assert.equal(
    writeText([{ kind: 'table', name: '', columns, rows: [{ cells }] }]),
    '- failed: GOGC=50; found 9.7 (9.3–10.1) MiB\n',
  );
});

test('colours take no room, and come where they are asked for only', () => {
  const dress = (text: string, as: string): string => `\u001b[1m${as}:${text}\u001b[0m`.replace(`${as}:`, '');
  const document: Document = [{ kind: 'heading', level: 1, text: 'head of it' }, TABLE];
  const coloured = writeText(document, { dress, width: 60 });
  assert.notEqual(coloured, writeText(document, { width: 60 }));
  // oxlint-disable-next-line no-control-regex -- colours are what is taken away
  assert.equal(coloured.replace(/\u001b\[\dm/g, ''), writeText(document, { width: 60 }));
  assert.equal(writeText([{ kind: 'prose', text: 'a…b' }], { shown: (text) => text.replace('…', '...') }), 'a...b\n');
});

test('hostile text moves no cursor and begins no line', () => {
  const written = writeText(everywhere(HOSTILE), { width: 60 });
  // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
  assert.doesNotMatch(written, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
  assert.doesNotMatch(written, /\n\n\n/);
});

test('a table that people copy from is never broken, and one for a file or a program is never cut', () => {
  const long = 'long '.repeat(30).trim();
  const columns = [{ head: 'trial' }, { head: 'outcome', shrink: true }];
  const table: Table = { kind: 'table', name: 'Trials', columns, rows: [{ cells: ['b1', long] }] };
  assert.ok(!writeText([table], { width: 60 }).includes(long));
  assert.ok(writeText([table], { width: 60, uncut: true }).includes(`b1     ${long}\n`));
  assert.ok(writeText([{ ...table, whole: true }], { width: 60 }).includes(`b1     ${long}\n`));
});

test('a name that is too long stands above its value, and prose is no wider than can be read', () => {
  const name = 'a.name.that.is.longer.than.thirty';
  const document: Document = [
    {
      kind: 'facts',
      facts: [
        [name, 'value'],
        ['short', 'other'],
      ],
    },
  ];
  assert.equal(writeText(document, { width: 60 }), `${name}\n${' '.repeat(32)}value\nshort${' '.repeat(27)}other\n`);
  const prose = writeText([{ kind: 'prose', text: 'word '.repeat(60) }], { width: 200 });
  assert.ok(prose.split('\n').every((line) => textWidth(line) <= 100));
  assert.equal(writeText([]), '');
});
