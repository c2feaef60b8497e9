import type { Analysis } from '../../analysis/analysis.ts';
import { assertionBlocks } from '../assert/assert-document.ts';
import { writeHtml } from '../document/write-html.ts';
import type { Html } from '../html.ts';
import { html } from '../html.ts';

/** What became of what the experiment asserts, what failed first; undefined where it asserts nothing. */
export function assertionSection({ assertions }: Analysis): Html | undefined {
  if (assertions === undefined) return undefined;
  return html`<section id="assertions">
    <h2>Assertions</h2>
    ${writeHtml(assertionBlocks(assertions))}
  </section>`;
}
