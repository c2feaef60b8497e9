import { textWidth } from '../../text/text-width.ts';
import type { Table } from './document.ts';
import { writeText, type TextOptions } from './write-text.ts';

/**
 * The lines of a table, one for each row, with as many of its columns as the width has room for, the last ones left out
 * first: a column that may be cut is cut only where not even `least` of them fit else. None where these do not fit either.
 */
export function fittingTable(
  table: Table,
  { least, width, ...options }: TextOptions & { readonly least: number; readonly width: number },
): readonly string[] {
  const heads = table.columns.some(({ unit = '' }) => unit !== '') ? 2 : 1;
  for (const cut of [false, true]) {
    for (let count = table.columns.length; count >= least; count--) {
      const columns = table.columns.slice(0, count).map((column) => (cut ? column : { ...column, shrink: false }));
      const lines = writeText([{ ...table, columns }], { ...options, width })
        .trimEnd()
        .split('\n');
      // A table that is broken has more lines than rows.
      if (lines.length === table.rows.length + heads && lines.every((line) => textWidth(line) <= width)) return lines;
    }
  }
  return [];
}
