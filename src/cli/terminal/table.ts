import type { Style } from './style.ts';
import { cutText, textWidth } from '../../text/text-width.ts';

/** One column of a table. */
export interface Column {
  readonly head: string;
  /** Numbers stand at the right; text (the default) at the left. */
  readonly align?: 'left' | 'right';
  /** The column that gives way when the terminal is narrow. At most one needs it; the widest is taken otherwise. */
  readonly shrink?: boolean;
}

const GAP = 2;
const LEAST_SHRUNK = 8;

/**
 * Lines of a table that is at most `columns` wide where that can be had by cutting one column. Cells are uncoloured,
 * sanitised text; `paint` may colour a cell once it has its width.
 */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  style: Style,
  width: number | undefined,
  paint: (cell: string, row: number, column: number) => string = (cell) => cell,
): readonly string[] {
  const shown = rows.map((row) => row.map((cell) => style.text(cell)));
  const widths = columns.map((column, index) =>
    Math.max(textWidth(column.head), ...shown.map((row) => textWidth(row[index] ?? ''))),
  );
  const excess = widths.reduce((sum, w) => sum + w, 0) + GAP * (columns.length - 1) - (width ?? Infinity);
  if (excess > 0) {
    const named = columns.findIndex((column) => column.shrink === true);
    const giving = named >= 0 ? named : widths.indexOf(Math.max(...widths));
    widths[giving] = Math.max(LEAST_SHRUNK, (widths[giving] ?? 0) - excess);
  }
  const line = (cells: readonly string[], dress: (cell: string, column: number) => string): string =>
    columns
      .map((column, index) => {
        const cell = cutText(cells[index] ?? '', widths[index] ?? 0, style.ellipsis);
        const pad = ' '.repeat((widths[index] ?? 0) - textWidth(cell));
        return column.align === 'right' ? pad + dress(cell, index) : dress(cell, index) + pad;
      })
      .join(' '.repeat(GAP))
      .trimEnd();
  return [
    line(
      columns.map((column) => column.head),
      (cell) => style.bold(cell),
    ),
    ...shown.map((cells, row) => line(cells, (cell, column) => paint(cell, row, column))),
  ];
}
