import { plainText } from '../../text/plain-text.ts';
import { cutText, textWidth } from '../../text/text-width.ts';
import { glued } from '../words.ts';
import { figureText, isFigure, spansOf } from './document.ts';
import type { Block, Cell, Column, Document, Dress, Fact, Span, Table, Text } from './document.ts';

/** How a document is written for a terminal. */
export interface TextOptions {
  /** Columns of the terminal; where nothing is known nothing is wrapped and no table broken. */
  readonly width?: number | undefined;
  /** A file or a program takes the text: nothing is cut. */
  readonly uncut?: boolean;
  /** Colours; without it there are none. */
  readonly dress?: (text: string, as: Dress) => string;
  /** Replaces what the terminal cannot show. */
  readonly shown?: (text: string) => string;
}

const LEAST_WIDTH = 40;
const GAP = '  ';
/** A name of a row that is longer pushes the figures off the screen. */
const LONGEST_STUB = 40;
const LEAST_SHRUNK = 8;
/** A name of a fact that is longer leaves too little room beside it. */
const LONGEST_NAME = 30;
/** Longer lines of prose are hard to read. */
const WIDEST_PROSE = 100;

interface Page {
  readonly width: number;
  readonly uncut: boolean;
  readonly dress: (text: string, as: Dress) => string;
  readonly shown: (text: string) => string;
}

/** A document for a terminal: no control characters but those of `dress`, and no line wider than a word demands. */
export function writeText(
  document: Document,
  { width = Infinity, uncut = false, dress, shown }: TextOptions = {},
): string {
  const page = {
    width: Math.max(LEAST_WIDTH, width),
    uncut,
    dress: dress ?? ((text) => text),
    shown: shown ?? ((text) => text),
  };
  const lines: string[] = [];
  let above: Block | undefined;
  for (const block of document) {
    const written = blockLines(block, page);
    if (written.length === 0) continue;
    if (above !== undefined && !adjoins(above, block)) lines.push('');
    lines.push(...written);
    above = block;
  }
  return lines.map((line) => `${line}\n`).join('');
}

/** What stands directly below a block, without an empty line. */
function adjoins(above: Block, block: Block): boolean {
  if (above.kind === 'heading') return block.kind !== 'heading';
  if (above.kind === 'prose') return block.kind === 'list' || block.kind === 'code' || isRecords(block);
  return block.kind === 'note' && (above.kind === 'note' || (above.kind === 'table' && !isRecords(above)));
}

/** Whether a block is a table that has sentences, and so is written as a list. */
function isRecords(block: Block): block is Table {
  return block.kind === 'table' && block.columns.some(({ sentences }) => sentences === true);
}

function blockLines(block: Block, page: Page): readonly string[] {
  switch (block.kind) {
    case 'heading':
      return wrapped(
        spansOf(block.text).map((span) => ({ text: typeof span === 'string' ? span : span.text, as: 'strong' })),
        '',
        page,
      );
    case 'prose':
    case 'note':
      return wrapped(block.text, '', page);
    case 'facts':
      return factLines(block.facts, page);
    case 'list':
      return block.items.flatMap((item) => wrapped(isItem(item) ? item.text : item, '- ', page));
    case 'table':
      return isRecords(block) ? records(block, page) : tableLines(block, page);
    case 'warnings':
      return block.warnings.flatMap((text) =>
        wrapped([{ text: 'warning:', as: 'caution' }, ' ', ...spansOf(text)], '', page, '  '),
      );
    case 'code':
      return block.text.split('\n').map((line) => `  ${page.shown(plainText(line))}`.trimEnd());
    case 'folded':
    case 'chart':
      return [];
  }
}

function isItem(item: Text | { readonly text: Text; readonly log: readonly string[] }) {
  return typeof item === 'object' && 'log' in item;
}

/** A paragraph broken at spaces, the first line behind `bullet`, the others indented. */
function wrapped(text: Text, bullet: string, page: Page, indent = ' '.repeat(textWidth(bullet))): readonly string[] {
  const words: { text: string; dressed: string }[] = [{ text: '', dressed: '' }];
  for (const span of spansOf(text)) {
    const [plain, as] = typeof span === 'string' ? [span, undefined] : [span.text, span.as];
    // Numbers keep their units; the marks that hold them together are not for terminals.
    for (const [i, piece] of glued(plainText(plain)).split(' ').entries()) {
      if (i > 0) words.push({ text: '', dressed: '' });
      const word = words.at(-1);
      if (word === undefined) continue;
      const bare = page.shown(unglued(piece));
      word.text += bare;
      word.dressed += as === undefined || bare === '' ? bare : page.dress(bare, as);
    }
  }
  const lines: string[] = [];
  let line = bullet;
  let taken = textWidth(bullet);
  let empty = true;
  const width = page.width === Infinity ? Infinity : Math.min(WIDEST_PROSE, page.width);
  for (const { text: word, dressed } of words) {
    const own = textWidth(word);
    if (!empty && taken + 1 + own > width) {
      lines.push(line.trimEnd());
      line = indent;
      taken = textWidth(indent);
      empty = true;
    }
    line += empty ? dressed : ` ${dressed}`;
    taken += empty ? own : 1 + own;
    empty = false;
  }
  return [...lines, line.trimEnd()];
}

function unglued(text: string): string {
  return text.replaceAll('\u00a0', ' ').replaceAll('\u2060', '');
}

/** One fact a line, names at the left; a name that is too long for that stands above its value. */
function factLines(facts: readonly Fact[], page: Page): readonly string[] {
  const names = facts.map(([name]) => page.shown(plainText(name)));
  const widest = Math.min(LONGEST_NAME, Math.max(0, ...names.map(textWidth)));
  return facts.flatMap(([name, value], i) => {
    const label = name === facts[i - 1]?.[0] ? '' : (names[i] ?? '');
    const dressed = label === '' ? '' : page.dress(label, 'strong');
    const indent = ' '.repeat(widest) + GAP;
    const lines = wrapped(value, indent, page);
    if (textWidth(label) > widest) return [dressed, ...lines.filter((line) => line !== '')];
    const [first = '', ...rest] = lines;
    return [`${dressed}${' '.repeat(widest - textWidth(label))}${GAP}${first.slice(indent.length)}`.trimEnd(), ...rest];
  });
}

/** A table with sentences in it: a paragraph for each row, what is empty left out; sentences need no head. */
function records({ columns, rows }: Table, page: Page): readonly string[] {
  return rows.flatMap(({ cells }) => {
    const parts = columns.flatMap(({ head, unit = '', sentences }, i): readonly (readonly (string | Span)[])[] => {
      const cell = cells[i] ?? '';
      const text = isFigure(cell) ? figureText(cell, (reason) => reason) : cell;
      if (text === '') return [];
      const label = i === 0 || sentences === true || head === '' ? '' : `${head} `;
      return [[i === 0 ? '' : i === 1 ? ': ' : '; ', label, ...spansOf(text), unit === '' ? '' : ` ${unit}`]];
    });
    return wrapped(parts.flat(), '- ', page);
  });
}

interface LaidColumn {
  readonly column: Column;
  readonly head: readonly [string, string];
  readonly cells: readonly { readonly text: string; readonly as: Dress | undefined }[];
  readonly width: number;
}

/**
 * A table whose first column names the rows. Where it is too wide the column that may be is cut; what still does not
 * fit goes into further blocks below, each with the first column again.
 */
function tableLines({ columns, rows, whole = false }: Table, page: Page): readonly string[] {
  if (rows.length === 0) return [];
  const unbroken = whole || (page.uncut && columns.some(({ shrink }) => shrink === true));
  const tableWidth = unbroken ? Infinity : page.width;
  const refusals: string[] = [];
  const refused = (reason: string): string => {
    if (!refusals.includes(reason)) refusals.push(reason);
    return `no interval: ${footnote(refusals.indexOf(reason))}`;
  };
  const laid = columns.flatMap((column, i): LaidColumn[] => {
    if (column.repeats === true) return [];
    const head = [plainText(column.head), plainText(column.unit ?? '')] as const;
    const cells = rows.map((row) => laidCell(row.cells[i], refused, page));
    const width = Math.max(...head.map(textWidth), ...cells.map(({ text }) => textWidth(text)));
    return [{ column, head, cells, width }];
  });
  const [stub, ...others] = shrunk(laid, tableWidth);
  if (stub === undefined) return [];
  const room = tableWidth - stub.width;
  const apart = others.reduce<readonly (readonly LaidColumn[])[]>((groups, one) => {
    const last = groups.at(-1);
    return one.column.joined === true && last !== undefined && taken([...last, one]) <= room
      ? [...groups.slice(0, -1), [...last, one]]
      : [...groups, [one]];
  }, []);
  const blocks = apart.reduce<readonly (readonly LaidColumn[])[]>((all, group) => {
    const last = all.at(-1);
    return last !== undefined && taken([...last, ...group]) <= room
      ? [...all.slice(0, -1), [...last, ...group]]
      : [...all, group];
  }, []);
  return [
    ...(blocks.length === 0 ? [[]] : blocks).flatMap((block, i) => [
      ...(i === 0 ? [] : ['']),
      ...gridLines([stub, ...block], rows.length, page),
    ]),
    ...refusals.flatMap((reason, i) => wrapped(`${footnote(i)}: ${reason}`, '', page, '   ')),
  ];
}

function laidCell(cell: Cell, refused: (reason: string) => string, page: Page): LaidColumn['cells'][number] {
  if (cell === undefined) return { text: '', as: undefined };
  const spans = isFigure(cell) ? [figureText(cell, refused)] : spansOf(cell);
  const text = spans.map((span) => plainText(typeof span === 'string' ? span : span.text)).join('');
  const [only] = spans.length === 1 ? spans : [];
  return { text: page.shown(unglued(text)), as: typeof only === 'object' ? only.as : undefined };
}

/** The columns, the names of the rows and then the column that may be cut shortened as far as the width asks for. */
function shrunk(columns: readonly LaidColumn[], width: number): readonly LaidColumn[] {
  const excess = (all: readonly LaidColumn[]): number => taken(all) - GAP.length - width;
  const cut = (all: readonly LaidColumn[], index: number, least: number): readonly LaidColumn[] =>
    all.map((one, i) => {
      const heads = Math.max(...one.head.map(textWidth));
      return i === index ? { ...one, width: Math.max(heads, Math.min(one.width, least)) } : one;
    });
  if (excess(columns) <= 0) return columns;
  const named = cut(columns, 0, LONGEST_STUB);
  const giving = named.findIndex(({ column }) => column.shrink === true);
  const wide = named[giving];
  return wide === undefined || excess(named) <= 0
    ? named
    : cut(named, giving, Math.max(LEAST_SHRUNK, wide.width - excess(named)));
}

function taken(columns: readonly LaidColumn[]): number {
  return columns.reduce((sum, { width }) => sum + width + GAP.length, 0);
}

function gridLines(columns: readonly LaidColumn[], rows: number, page: Page): readonly string[] {
  const line = (cell: (column: LaidColumn) => { readonly text: string; readonly as: Dress | undefined }): string =>
    columns
      .map((column) => {
        const { text, as } = cell(column);
        const kept = cutText(text, column.width, page.shown('…'));
        const pad = ' '.repeat(column.width - textWidth(kept));
        const dressed = as === undefined || kept === '' ? kept : page.dress(kept, as);
        return column.column.align === 'right' ? pad + dressed : dressed + pad;
      })
      .join(GAP)
      .trimEnd();
  const heads = columns.some(({ head }) => head[1] !== '') ? ([0, 1] as const) : ([0] as const);
  return [
    ...heads.map((i) => line(({ head }) => ({ text: page.shown(head[i]), as: 'strong' }))),
    ...Array.from({ length: rows }, (_, row) => line(({ cells }) => cells[row] ?? { text: '', as: undefined })),
  ];
}

/** `a`, `b`, … `z`, `aa`, …: what a cell refers to below its table. */
function footnote(index: number): string {
  const before = Math.floor(index / 26);
  return (before === 0 ? '' : footnote(before - 1)) + String.fromCodePoint(97 + (index % 26));
}
