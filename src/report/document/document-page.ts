import { html, type Html } from '../html.ts';
import { page, pageBar } from '../page.ts';
import type { Block, Document } from './document.ts';
import { writeHtml } from './write-html.ts';

/** A document as a page of its own that needs no network and no script: its first heading (or the title) above, then its sections. `style`: rules for its drawings. */
export function documentPage(document: Document, title: string, toolVersion: string, style = ''): string {
  const [first, ...rest] = document;
  const headed = first?.kind === 'heading';
  return page({
    title,
    toolVersion,
    style: `main>section>*+*{margin-top:.9rem}${style}`,
    body: html`<header>
        ${pageBar(toolVersion)}${writeHtml([headed ? first : { kind: 'heading', level: 1, text: title }])}
      </header>
      <main>${writeSections(headed ? rest : document)}</main>`,
  });
}

/** A part of a page: a section for each heading of level 1 or 2. */
export function writeSections(blocks: Document): Html {
  return html`${sections(blocks).map((one) => html`<section>${writeHtml(one)}</section>`)}`;
}

function sections(blocks: readonly Block[]): readonly Document[] {
  const all: Block[][] = [];
  for (const block of blocks) {
    const begins = block.kind === 'heading' && block.level < 3;
    const last = all.at(-1);
    if (last === undefined || begins) all.push([block]);
    else last.push(block);
  }
  return all;
}
