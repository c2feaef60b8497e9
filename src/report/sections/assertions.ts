import type { Analysis } from '../../analysis/analysis.ts';
import { assertionBlocks } from '../assert/assert-document.ts';
import { assertionSentence } from '../assert/assert-words.ts';
import { writeHtml } from '../document/write-html.ts';
import type { Html } from '../html.ts';
import { html } from '../html.ts';
import { part } from '../part.ts';

/** What became of what the experiment asserts, what failed first; undefined where it asserts nothing. */
export function assertionSection({ assertions, run }: Analysis): Html | undefined {
  if (assertions === undefined) return undefined;
  return part({
    id: 'assertions',
    title: 'Assertions',
    said: assertionSentence(assertions),
    open: true,
    body: html`${writeHtml(assertionBlocks(assertions, run.experimentFile))}`,
  });
}
