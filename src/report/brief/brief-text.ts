import { plainText } from '../../text/plain-text.ts';
import { cutText, textWidth } from '../../text/text-width.ts';
import { writeText, type TextOptions } from '../document/write-text.ts';
import type { Brief, BriefRow } from './brief.ts';

/** The most lines that the end of a run may take on a terminal. */
const MOST_LINES = 12;
/** The most settings that are listed. */
const MOST_ROWS = 6;
const LEAST_STUB = 8;
const GAP = '  ';

/** What stands below the table: where the report is, and what to do next. Untrusted text. */
export interface BriefFoot {
  readonly name: string;
  readonly text: string;
}

/**
 * The answer of a run in at most twelve lines of a terminal, or as few more as its settings need: sentences, the table,
 * cautions of a line each, and the foot; uncut, as many as there are. Columns that do not fit are left to the report, the last one first.
 */
export function briefText(brief: Brief, foot: readonly BriefFoot[], options: TextOptions = {}): string {
  const width = options.width ?? 80;
  const shown = options.shown ?? ((text: string) => text);
  const dress = options.dress ?? ((text: string) => text);
  const sentences = brief.sentences.map((text) =>
    writeText([{ kind: 'prose', text: [{ text, as: 'strong' }] }], { ...options, width }).trimEnd(),
  );
  const table = tableLines(brief, width, shown, dress);
  const feet = foot.map(({ name, text }) => `${dress(`${name}:`, 'strong')} ${plainText(text)}`);
  const used = lines(sentences) + table.length + feet.length;
  // A log keeps all of them, and whole: nobody looks at its last lines alone.
  const { uncut = false } = options;
  const room = uncut ? Infinity : Math.max(1, MOST_LINES - used);
  const cautions = cautionLines(brief.cautions, room, uncut ? Infinity : width, shown, dress);
  // Air between the parts, as long as there is room for it.
  const parts = [sentences, table, [...cautions, ...feet]].filter((part) => part.length > 0);
  const spare = MOST_LINES - used - cautions.length;
  const text = parts.flatMap((part, i) => (i > 0 && i <= spare ? ['', ...part] : part));
  return text.map((line) => `${line}\n`).join('');
}

function lines(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + text.split('\n').length, 0);
}

/** One line for each caution; those that find no room are counted in the last one. */
function cautionLines(
  cautions: readonly string[],
  room: number,
  width: number,
  shown: (text: string) => string,
  dress: NonNullable<TextOptions['dress']>,
): readonly string[] {
  const kept = cautions.length <= room ? cautions : cautions.slice(0, Math.max(1, room));
  const left = cautions.length - kept.length;
  return kept.map((caution, i) => {
    const more = left > 0 && i === kept.length - 1 ? ` (and ${left} more in the report)` : '';
    const start = 'warning:';
    const place = width - textWidth(start) - 1 - textWidth(more);
    const text = cutText(shown(plainText(caution)), place, shown('…'));
    return `${dress(start, 'caution')} ${text}${more}`;
  });
}

/** As many rows as there is room for: what is chosen, the baseline, and what is nearest to these. */
function nearest(rows: readonly BriefRow[]): readonly BriefRow[] {
  const kept = rows.flatMap(({ chosen, baseline }, i) => (chosen || baseline ? i : []));
  const distance = (index: number): number => Math.min(...kept.map((one) => Math.abs(one - index)));
  const order = rows.map((_, i) => i).toSorted((a, b) => distance(a) - distance(b) || a - b);
  const shown = new Set(order.slice(0, MOST_ROWS));
  return rows.filter((_, i) => shown.has(i));
}

function tableLines(
  { table }: Brief,
  width: number,
  shown: (text: string) => string,
  dress: NonNullable<TextOptions['dress']>,
): readonly string[] {
  if (table.heads.length < 2) return [];
  const rows = nearest(table.rows);
  const left = table.rows.length - rows.length;
  const [stub = '', ...heads] = table.heads;
  const grid = [
    { cells: [left === 0 ? stub : `${stub}, ${left} more`, ...heads], chosen: false, head: true },
    ...rows.map(({ setting, chosen, cells }) => ({
      cells: [`${chosen ? '* ' : '  '}${setting}`, ...cells],
      chosen,
      head: false,
    })),
  ].map((row) => ({ ...row, cells: row.cells.map((cell) => shown(plainText(cell))) }));
  const widest = table.heads.map((_, i) => Math.max(...grid.map(({ cells }) => textWidth(cells[i] ?? ''))));
  const [stubWidth = 0, secondWidth = 0] = widest;
  // A name gives way to the first figure.
  const widths = [Math.min(stubWidth, Math.max(LEAST_STUB, width - GAP.length - secondWidth)), ...widest.slice(1)];
  const taken = (columns: number): number =>
    widths.slice(0, columns).reduce((sum, own) => sum + own, 0) + GAP.length * (columns - 1);
  let columns = widths.length;
  while (columns > 2 && taken(columns) > width) columns -= 1;
  return grid.map(({ cells, chosen, head }) => {
    const line = cells
      .slice(0, columns)
      .map((cell, i) => {
        const kept = cutText(cell, widths[i] ?? 0, shown('…'));
        const pad = ' '.repeat((widths[i] ?? 0) - textWidth(kept));
        return i === 0 ? kept + pad : pad + kept;
      })
      .join(GAP)
      .trimEnd();
    return head || chosen ? dress(line, 'strong') : line;
  });
}
