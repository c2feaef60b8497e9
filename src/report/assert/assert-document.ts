import type { AssertionReport } from '../../analysis/assert/assertion-report.ts';
import type { Block, Document, Dress } from '../document/document.ts';
import { assertionRows, assertionSentence, ASSERTION_LEGEND, type AssertionRow } from './assert-words.ts';

/** The answer of `gctune assert`. */
export function assertionDocument(run: string, report: AssertionReport): Document {
  return [{ kind: 'heading', level: 1, text: `Assertions of ${run}` }, ...assertionBlocks(report)];
}

/** What became of what is asserted: a sentence, a row for each assertion and cell with what failed first, how to read it. */
export function assertionBlocks(report: AssertionReport): readonly Block[] {
  return [
    { kind: 'prose', text: assertionSentence(report), lead: true },
    {
      kind: 'table',
      name: 'Assertions',
      columns: [
        ...['result', 'cell', 'asserted', 'found', 'n'].map((head) => ({ head })),
        { head: 'note', sentences: true },
      ],
      rows: assertionRows(report).map(({ severity, outcome, cell, asserted, found, n, note }) => ({
        cells: [
          DRESS[severity] === undefined ? outcome : [{ text: outcome, as: DRESS[severity] }],
          cell,
          [{ text: asserted, as: 'code' }],
          found,
          n,
          note,
        ],
        ...(severity === 'ok' ? {} : { mark: 'void' }),
      })),
    },
    { kind: 'note', text: ASSERTION_LEGEND },
  ];
}

const DRESS: Readonly<Record<AssertionRow['severity'], Dress | undefined>> = {
  ok: undefined,
  warning: 'caution',
  error: 'bad',
};
