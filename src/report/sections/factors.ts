import type { Analysis } from '../../analysis/analysis.ts';
import { factorBlocks, factorTitle } from '../compare/factor-document.ts';
import { writeHtml } from '../document/write-html.ts';
import type { Html } from '../html.ts';
import { html } from '../html.ts';
import { part } from '../part.ts';

/** What each further factor makes of the cells; undefined where none varies. */
export function factorSection({ factors }: Analysis): Html | undefined {
  if (factors === undefined) return undefined;
  return part({
    id: 'factors',
    title: factors.length === 1 ? factors.map(factorTitle).join('') : 'By factor',
    said: 'levels that ran in the same blocks, pair by pair',
    body: html`${factors.map((one) => writeHtml([{ kind: 'heading', level: 2, text: factorTitle(one) }, ...factorBlocks(one)]))}`,
  });
}
