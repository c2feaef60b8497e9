import { plainText } from '../../text/plain-text.ts';
import { html, type Content, type Html } from '../html.ts';
import { glued } from '../words.ts';
import { isFigure, spansOf, STRONG } from './document.ts';
import type { Block, Cell, Document, Item, Text } from './document.ts';
import { figureCell, table } from './html-table.ts';

/** The blocks of a document as they stand within a page, with the classes of the page's style sheet. */
export function writeHtml(document: Document): Html {
  return html`${document.map(element)}`;
}

function element(block: Block): Content {
  switch (block.kind) {
    case 'heading': {
      const text = inline(block.text);
      return { 1: html`<h1>${text}</h1>`, 2: html`<h2>${text}</h2>`, 3: html`<h3>${text}</h3>` }[block.level];
    }
    case 'prose':
      return html`<p${block.lead === true && html` class="lead"`}>${inline(block.text)}</p>`;
    case 'note':
      return html`<p class="note">${inline(block.text)}</p>`;
    case 'facts':
      return factList(block.facts.map(([name, value]) => [plainText(name), inline(value)]));
    case 'list':
      return (
        block.items.length > 0 &&
        html`<ul>
          ${block.items.map((item) => html`<li>${itemContent(item)}</li>`)}
        </ul>`
      );
    case 'table':
      return (
        block.rows.length > 0 &&
        table(
          plainText(block.name),
          block.columns.map(({ head, unit, align }) => ({
            head: plainText(head),
            ...(unit === undefined ? {} : { unit: plainText(unit) }),
            numeric: align === 'right',
          })),
          block.rows.map(({ cells, mark }) => ({
            cells: block.columns.map(({ sentences }, i) => cellContent(cells[i], sentences === true)),
            ...(mark === undefined ? {} : { mark }),
          })),
          { cards: true },
        )
      );
    case 'warnings':
      return (
        block.warnings.length > 0 &&
        html`<section class="warnings">
          <h2>${block.warnings.length === 1 ? 'One warning' : `${block.warnings.length} warnings`}</h2>
          <ul>
            ${block.warnings.map((text) => html`<li>${inline(text)}</li>`)}
          </ul>
        </section>`
      );
    case 'code':
      return html`<pre>${lines(block.text.split('\n'))}</pre>`;
    case 'folded':
      return html`<details class="numbers">
        <summary>${plainText(block.title)}</summary>
        ${block.blocks.map(element)}
      </details>`;
    case 'chart': {
      const caption = block.caption === '' ? '' : html`<figcaption>${plainText(block.caption)}</figcaption>`;
      return html`<figure>${caption}${block.drawing}</figure>`;
    }
  }
}

/** Names and their values side by side; values of one name stand below each other. */
export function factList(facts: readonly (readonly [name: string, value: Content])[]): Html {
  const groups: { readonly name: string; readonly values: Content[] }[] = [];
  for (const [name, value] of facts) {
    const last = groups.at(-1);
    if (last?.name === name) last.values.push(value);
    else groups.push({ name, values: [value] });
  }
  return html`<dl>
    ${groups.map(
      ({ name, values }) =>
        html`<div>
          <dt>${name}</dt>
          ${values.map((value) => html`<dd>${value}</dd>`)}
        </div>`,
    )}
  </dl>`;
}

function itemContent(item: Text | Item): Content {
  if (typeof item === 'string' || !('log' in item)) return inline(item);
  return [inline(item.text), item.log.length > 0 && html`<pre>${lines(item.log)}</pre>`];
}

function cellContent(cell: Cell, sentences: boolean): Content {
  if (cell === undefined) return figureCell(undefined);
  if (isFigure(cell)) return figureCell({ ...cell.figure, mark: cell.mark ?? '' }, cell.n);
  return sentences ? html`<span class="text">${inline(cell)}</span>` : inline(cell);
}

function inline(text: Text): Content {
  return spansOf(text).map((span) => {
    if (typeof span === 'string') return glued(plainText(span));
    const plain = plainText(span.text);
    if (span.as === 'code') return html`<code>${plain}</code>`;
    return STRONG.has(span.as) ? html`<b>${glued(plain)}</b>` : glued(plain);
  });
}

function lines(texts: readonly string[]): string {
  return texts.map(plainText).join('\n');
}
