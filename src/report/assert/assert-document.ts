import type { AssertionReport } from '../../analysis/assert/assertion-report.ts';
import type { RunManifest } from '../../results/format.ts';
import type { Block, Document, Dress } from '../document/document.ts';
import { assertionRows, assertionSentence, ASSERTION_LEGEND, type AssertionRow } from './assert-words.ts';

/** What the answer says of the run. */
export type AssertedRun = Pick<RunManifest, 'id' | 'experimentFile'>;

/** The answer of `gctune assert`. */
export function assertionDocument({ id, experimentFile }: AssertedRun, report: AssertionReport): Document {
  return [{ kind: 'heading', level: 1, text: `Assertions of ${id}` }, ...assertionBlocks(report, experimentFile)];
}

/** What became of what is asserted: a sentence, a row for each assertion and cell with what failed first, how to read it. */
export function assertionBlocks(report: AssertionReport, experimentFile?: string): readonly Block[] {
  return [
    { kind: 'prose', text: assertionSentence(report), lead: true },
    {
      kind: 'table',
      name: 'Assertions',
      columns: [
        ...['result', 'cell', 'asserted', 'found', 'n'].map((head) => ({ head })),
        { head: 'note', sentences: true },
      ],
      rows: assertionRows(report, experimentFile).map(({ severity, outcome, cell, asserted, found, n, note }) => ({
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
