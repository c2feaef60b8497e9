import type { Analysis } from '../../analysis/analysis.ts';
import { ASSERTION_LEGEND, assertionRows, assertionSentence } from '../assert/assert-words.ts';
import type { Html } from '../html.ts';
import { html } from '../html.ts';
import { glued } from '../words.ts';
import { table } from '../document/html-table.ts';

/** What became of what the experiment asserts, what failed first; undefined where it asserts nothing. */
export function assertionSection({ assertions }: Analysis): Html | undefined {
  if (assertions === undefined) return undefined;
  const rows = assertionRows(assertions).map(({ severity, outcome, cell, asserted, found, n, note }) => ({
    cells: [
      outcome,
      cell,
      html`<code>${asserted}</code>`,
      glued(found),
      n,
      note !== '' && html`<span class="text">${glued(note)}</span>`,
    ],
    ...(severity === 'ok' ? {} : { mark: 'void' }),
  }));
  return html`<section id="assertions">
    <h2>Assertions</h2>
    <p class="lead">${assertionSentence(assertions)}</p>
    ${
      rows.length > 0 &&
      table(
        'Assertions',
        ['result', 'cell', 'asserted', 'found', 'n', 'note'].map((head) => ({ head })),
        rows,
      )
    }
    <p class="note">${ASSERTION_LEGEND}</p>
  </section>`;
}
