import type { VerdictMark } from '../comparison.ts';
import type { Figure } from '../figure.ts';
import type { Html } from '../html.ts';

// What a person reads, before it is decided whether in a terminal, in Markdown or on a page. All text is untrusted: the
// writers make it plain and escape it, so that whoever builds a document does neither.

/** A document: its blocks from the top down. */
export type Document = readonly Block[];

/** One part of a document. */
export type Block =
  | { readonly kind: 'heading'; readonly level: 1 | 2 | 3; readonly text: Text }
  /** A paragraph; `lead`: the answer itself, which a page shows larger. */
  | { readonly kind: 'prose'; readonly text: Text; readonly lead?: boolean }
  | { readonly kind: 'facts'; readonly facts: readonly Fact[] }
  | { readonly kind: 'list'; readonly items: readonly (Text | Item)[] }
  | Table
  /** Small print about the block before it, such as a footnote of a table. */
  | { readonly kind: 'note'; readonly text: Text }
  /** What to doubt. */
  | { readonly kind: 'warnings'; readonly warnings: readonly Text[] }
  /** Lines to copy, or a program's output: never wrapped. */
  | { readonly kind: 'code'; readonly text: string }
  /** Detail that pages and Markdown fold away under its title, and that a terminal leaves out. */
  | { readonly kind: 'folded'; readonly title: string; readonly blocks: readonly Block[] }
  /** A drawing; only a page shows it. Without a caption it is what the heading above says. */
  | { readonly kind: 'chart'; readonly caption: string; readonly drawing: Html };

/** Text of one paragraph, or pieces of it that are dressed differently. */
export type Text = string | readonly (string | Span)[];

/** A piece of text that stands out. */
export interface Span {
  readonly text: string;
  readonly as: Dress;
}

/** How a piece of text stands out. `caution` and `bad` are strong and, in a terminal, coloured; `dim` and `good` are only coloured. */
export type Dress = 'strong' | 'code' | 'dim' | 'good' | 'caution' | 'bad';

/** What Markdown and pages show bold. */
export const STRONG: ReadonlySet<Dress> = new Set(['strong', 'caution', 'bad']);

/** A name and its value. A name that is that of the fact before it is shown once. */
export type Fact = readonly [name: string, value: Text];

/** An item of a list with the output that belongs to it, which a terminal leaves out. */
export interface Item {
  readonly text: Text;
  readonly log: readonly string[];
}

/** A table. Where it has no rows nothing is written. */
export interface Table {
  readonly kind: 'table';
  /** What it holds, for a reader who cannot see it. */
  readonly name: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** Text neither cuts nor breaks it, however narrow the terminal is: people copy from it. */
  readonly whole?: boolean;
}

/** A column of a table; the first one names the rows. */
export interface Column {
  readonly head: string;
  /** The unit of its figures, below the head or behind it. */
  readonly unit?: string;
  /** Numbers stand at the right; text, which is the default, at the left. */
  readonly align?: 'right';
  /** A terminal keeps it beside the column before it, where the width can hold both. */
  readonly joined?: boolean;
  /** The column that is cut where a terminal is too narrow for the table. */
  readonly shrink?: boolean;
  /** It says in another unit what the column before it says: a terminal leaves it out. */
  readonly repeats?: boolean;
  /** It holds sentences. A terminal writes a table that has such a column as a list with an item for each row. */
  readonly sentences?: boolean;
}

/** A row of a table: a cell for each column. */
export interface Row {
  readonly cells: readonly Cell[];
  /** What the row is among the others; only a page shows it. */
  readonly mark?: 'baseline' | 'void';
}

/** A cell: text, or a number with its interval; undefined where there is no number. */
export type Cell = Text | FigureCell | undefined;

/** A number with its interval. Its column has the unit. */
export interface FigureCell {
  readonly figure: Figure;
  /** What its contrast's verdict makes of it. */
  readonly mark?: VerdictMark;
  /** The n that its row or table tells; the figure tells its own where that is another. */
  readonly n?: number | undefined;
}

/** Whether a cell holds a number with its interval. */
export function isFigure(cell: Cell): cell is FigureCell {
  return typeof cell === 'object' && 'figure' in cell;
}

/** The pieces of a text. */
export function spansOf(text: Text): readonly (string | Span)[] {
  return typeof text === 'string' ? [text] : text;
}

/** A figure on one line: `?+4.1 (3.9–4.4, n = 7)`; `refused` says in place of an interval why there is none. */
export function figureText({ figure, mark = '', n }: FigureCell, refused: (reason: string) => string): string {
  const { value, interval, refusal } = figure;
  const own = n === undefined || n === figure.n ? '' : `, n = ${figure.n}`;
  return `${mark}${value} (${interval ?? refused(refusal ?? '')}${own})`;
}
