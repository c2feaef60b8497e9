import { glued } from './words.ts';

/** A column of text. */
export interface TextColumn {
  /** Lines of its head. */
  readonly head: readonly string[];
  readonly cells: readonly string[];
  /** It stays in one block with the column before it, where a block can hold both. */
  readonly joined?: boolean;
}

const GAP = '  ';

/**
 * A table whose first column stands at the left and whose others stand at the right. What does not fit into the width
 * goes into further blocks below, each with the first column again.
 */
export function alignedBlocks(first: TextColumn, columns: readonly TextColumn[], width: number): readonly string[] {
  const lead = widthOf(first);
  const room = width - lead;
  const groups: (readonly TextColumn[])[] = [];
  for (const column of columns) {
    const last = groups.at(-1);
    if (column.joined === true && last !== undefined && taken([...last, column]) <= room)
      groups[groups.length - 1] = [...last, column];
    else groups.push([column]);
  }
  const blocks: (readonly TextColumn[])[] = [];
  for (const group of groups) {
    const last = blocks.at(-1);
    if (last !== undefined && taken([...last, ...group]) <= room) blocks[blocks.length - 1] = [...last, ...group];
    else blocks.push(group);
  }
  return blocks.flatMap((block, i) => [...(i === 0 ? [] : ['']), ...lines(first, lead, block)]);
}

function lines(first: TextColumn, lead: number, block: readonly TextColumn[]): readonly string[] {
  const widths = block.map(widthOf);
  const line = (label: string, cells: readonly string[]): string =>
    (
      padded(label, lead) +
      cells.map((cell, i) => GAP + ' '.repeat(Math.max(0, (widths[i] ?? 0) - length(cell))) + cell).join('')
    ).trimEnd();
  const heads = Math.max(...block.map(({ head }) => head.length));
  return [
    ...Array.from({ length: heads }, (_, i) =>
      line(
        first.head[i] ?? '',
        block.map(({ head }) => head[i] ?? ''),
      ),
    ),
    ...first.cells.map((label, row) =>
      line(
        label,
        block.map(({ cells }) => cells[row] ?? ''),
      ),
    ),
  ];
}

/** A paragraph broken at spaces, the first line behind `bullet`, the others behind `indent`. */
export function wrapped(text: string, width: number, bullet: string, indent: string): readonly string[] {
  const done: string[] = [];
  let line = bullet;
  let empty = true;
  // Numbers keep their units; the marks that hold them together are not for terminals.
  const words = glued(text)
    .split(' ')
    .map((word) => word.replaceAll('\u00a0', ' ').replaceAll('\u2060', ''));
  for (const word of words) {
    if (!empty && length(line) + 1 + length(word) > width) {
      done.push(line);
      line = indent;
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...done, line];
}

function taken(columns: readonly TextColumn[]): number {
  return columns.reduce((sum, column) => sum + GAP.length + widthOf(column), 0);
}

function widthOf({ head, cells }: TextColumn): number {
  return Math.max(...head.map(length), ...cells.map(length));
}

function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - length(text)));
}

function length(text: string): number {
  return Array.from(text).length;
}
