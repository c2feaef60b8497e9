import type { Document, Table } from '../../../src/report/document/document.ts';

/** What somebody could write as a name: markup of every kind, controls, a bidi mark, a link, a mention. */
export const HOSTILE =
  'a|b `c` <img src=x> **d** \u001b[31mred\u001b[0m \u202eback\u0007\r\nnext @team http://e.example ~e~';

/** A figure with an interval. */
export const FIGURE = { value: '9.7', interval: '9.3–10.1', refusal: undefined, n: 7, confidence: 0.95 } as const;
/** A figure without one. */
export const REFUSED = {
  value: '8.1',
  interval: undefined,
  refusal: 'interval not attainable with n = 4, needs 6',
  n: 4,
  confidence: undefined,
} as const;

/** A table of two figures for each of two rows. */
export const TABLE: Table = {
  kind: 'table',
  name: 'Summary',
  columns: [
    { head: 'cell' },
    { head: 'memory', unit: 'MiB', align: 'right' },
    { head: 'saved', unit: '%', align: 'right', joined: true },
  ],
  rows: [
    { cells: ['GOGC=100', { figure: FIGURE }, undefined], mark: 'baseline' },
    { cells: ['GOGC=50', { figure: REFUSED, n: 4 }, { figure: FIGURE, mark: '?', n: 8 }] },
  ],
};

/** Every kind of block, with one text in every place that holds text. */
export function everywhere(text: string): Document {
  const { columns, rows } = TABLE;
  const blocks: Document = [
    { kind: 'heading', level: 1, text },
    { kind: 'heading', level: 2, text: [{ text, as: 'strong' }] },
    { kind: 'prose', text: ['so ', { text, as: 'code' }, { text, as: 'bad' }] },
    { kind: 'facts', facts: [[text, text]] },
    { kind: 'list', items: [text, { text, log: [text] }] },
    { kind: 'table', name: text, columns: columns.map((one) => ({ ...one, head: text, unit: text })), rows },
    {
      kind: 'table',
      name: text,
      columns: [{ head: text }, { head: text, sentences: true }],
      rows: [{ cells: [text, [{ text, as: 'code' }]] }],
    },
    { kind: 'table', name: text, columns: [{ head: 'a' }, { head: 'b' }], rows: [{ cells: [text, text] }] },
    { kind: 'note', text },
    { kind: 'warnings', warnings: [text] },
    { kind: 'code', text },
  ];
  return [...blocks, { kind: 'folded', title: text, blocks }];
}
