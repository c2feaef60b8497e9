import { plainText } from '../../text/plain-text.ts';
import { refusalsOf } from '../figure.ts';
import { escapeHtml } from '../html.ts';
import { figureText, isFigure, spansOf, STRONG } from './document.ts';
import type { Block, Cell, Document, Item, Table, Text } from './document.ts';
import { escaped } from './escaped-markdown.ts';

/** A document in GitHub's Markdown: for a pull request or a job's summary. */
export function writeMarkdown(document: Document): string {
  const written = document.flatMap(parts);
  return written.length === 0 ? '' : `${written.join('\n\n')}\n`;
}

/** What a block is written as: paragraphs, with an empty line between them. */
function parts(block: Block): readonly string[] {
  switch (block.kind) {
    case 'heading':
      return [`${'#'.repeat(block.level)} ${inline(block.text)}`];
    case 'prose':
    case 'note':
      return [inline(block.text)];
    case 'facts':
      return listed(block.facts.map(([name, value]) => `- ${escaped(name)}: ${inline(value)}`));
    case 'list':
      return listed(block.items.map(itemText));
    case 'table':
      return tableParts(block);
    case 'warnings':
      return listed([
        ...(block.warnings.length === 0 ? [] : ['> [!WARNING]']),
        ...block.warnings.map((text) => `> - ${inline(text)}`),
      ]);
    case 'code':
      return [fenced(block.text.split('\n')).join('\n')];
    case 'folded':
      // GitHub reads no Markdown within the tag of the summary.
      return [
        `<details><summary>${escapeHtml(plainText(block.title)).replaceAll('@', '@<!-- -->')}</summary>`,
        ...block.blocks.flatMap(parts),
        '</details>',
      ];
    case 'chart':
      return [];
  }
}

function listed(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [lines.join('\n')];
}

function itemText(item: Text | Item): string {
  if (typeof item === 'string' || !('log' in item)) return `- ${inline(item)}`;
  const log = item.log.length === 0 ? [] : ['', ...fenced(item.log).map((line) => `  ${line}`)];
  return [`- ${inline(item.text)}`, ...log].join('\n');
}

function tableParts({ columns, rows }: Table): readonly string[] {
  if (rows.length === 0) return [];
  const refusals = refusalsOf(
    rows.flatMap(({ cells }) => cells.map((cell) => (isFigure(cell) ? cell.figure : undefined))),
  );
  return [
    [
      row(columns.map(({ head, unit = '' }) => (unit === '' ? head : `${head}, ${unit}`))),
      `|${columns.map(({ align }) => (align === 'right' ? ' ---: |' : ' --- |')).join('')}`,
      ...rows.map(({ cells }) => row(columns.map((_, i) => cells[i]))),
    ].join('\n'),
    ...refusals.map((refusal) => `No interval: ${escaped(refusal)}.`),
  ];
}

function row(cells: readonly Cell[]): string {
  const texts = cells.map((cell) => {
    if (cell === undefined) return '';
    return isFigure(cell) ? escaped(figureText(cell, () => 'no interval')) : inline(cell, true);
  });
  return `| ${texts.join(' | ')} |`;
}

/** Text within a line; in a table a bar ends a cell, within code too. */
function inline(text: Text, inTable = false): string {
  return spansOf(text)
    .map((span) => {
      if (typeof span === 'string') return escaped(span);
      if (span.as === 'code') return inTable ? code(span.text).replaceAll('|', '\\|') : code(span.text);
      return STRONG.has(span.as) && span.text.trim() !== '' ? `**${escaped(span.text.trim())}**` : escaped(span.text);
    })
    .join('')
    .trim();
}

/** Untrusted text as a code span, in more backticks than it has itself. */
function code(text: string): string {
  const plain = plainText(text);
  if (plain.trim() === '') return '';
  const ticks = '`'.repeat(longestRun(plain) + 1);
  const pad = plain.startsWith('`') || plain.endsWith('`') ? ' ' : '';
  return `${ticks}${pad}${plain}${pad}${ticks}`;
}

/** Untrusted lines as a code block. */
function fenced(lines: readonly string[]): readonly string[] {
  const plain = lines.map(plainText);
  const fence = '`'.repeat(Math.max(3, ...plain.map((line) => longestRun(line) + 1)));
  return [`${fence}text`, ...plain, fence];
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}
