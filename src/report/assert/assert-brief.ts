import type { AssertionReport } from '../../analysis/assert/assertion-report.ts';
import type { Brief } from '../brief/brief.ts';
import { assertionRows, assertionSentence } from './assert-words.ts';

/** What became of what is asserted, at a glance: what failed first, then why it did or is not decided. */
export function assertionBrief(report: AssertionReport): Brief {
  const rows = assertionRows(report);
  return {
    sentences: [
      `${assertionSentence(report)}${rows.some(({ severity }) => severity === 'error') ? ' Those marked * are errors.' : ''}`,
    ],
    table: {
      columns: [
        { head: 'cell' },
        { head: 'asserted', shrink: true },
        { head: 'result' },
        { head: 'found', align: 'right' },
      ],
      least: 3,
      rows: rows.map(({ state, cell, bound, found, refusal, severity }) => ({
        cells: [cell, bound, state, refusal === undefined ? found : 'no interval'],
        chosen: severity === 'error',
        kept: severity !== 'ok',
      })),
    },
    // What more blocks would decide is said by the command that runs them.
    cautions: [
      ...new Set(
        rows.flatMap(({ severity, state, cell, note, refusal, blocksNeeded }) => {
          if (severity === 'ok') return [];
          if (refusal !== undefined) return refusal;
          return note === '' || blocksNeeded !== null ? [] : `${cell}: ${state}: ${note}`;
        }),
      ),
    ],
  };
}

/** The blocks in all that would decide all that is not decided; undefined where nothing is, or more would not decide each of it. */
export function blocksToAssert({ results }: AssertionReport): number | undefined {
  const needed = results.flatMap(({ state, blocksNeeded }) =>
    state === 'undecided' ? (blocksNeeded ?? Infinity) : [],
  );
  const most = Math.max(0, ...needed);
  return most === 0 || most === Infinity ? undefined : most;
}
