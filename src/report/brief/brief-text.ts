import { plainText } from '../../text/plain-text.ts';
import { cutText, textWidth } from '../../text/text-width.ts';
import { fittingTable } from '../document/fitting-table.ts';
import { writeText, type TextOptions } from '../document/write-text.ts';
import type { Brief, BriefFoot, BriefRow, BriefTable } from './brief.ts';

/** The most lines that an answer may take on a terminal. */
const MOST_LINES = 12;
/** The most rows that are listed, and the fewest however long the rest is. */
const MOST_ROWS = 6;
const LEAST_ROWS = 2;

/**
 * An answer in at most twelve lines of a terminal: sentences, the table, cautions of a line each, and the foot. Uncut, as a
 * log keeps it, it has every row, column and caution. Columns that do not fit are left out, the last one first.
 */
export function briefText(brief: Brief, foot: readonly BriefFoot[], options: TextOptions = {}): string {
  const width = options.width ?? 80;
  const { uncut = false, shown = (text: string) => text, dress = (text: string) => text } = options;
  const sentences = brief.sentences.map((text) =>
    writeText([{ kind: 'prose', text: [{ text, as: 'strong' }] }], { ...options, width }).trimEnd(),
  );
  const feet = foot.map(({ name, text }) => `${dress(`${name}:`, 'strong')} ${shown(plainText(text))}`);
  const fixed = lines(sentences) + feet.length;
  const heads = brief.table?.columns.some(({ unit = '' }) => unit !== '') === true ? 2 : 1;
  const room = MOST_LINES - fixed - heads - (brief.cautions.length > 0 ? 1 : 0);
  const rows = uncut ? Infinity : Math.max(LEAST_ROWS, Math.min(MOST_ROWS, room));
  const look = { dress, shown, width: uncut ? Infinity : width };
  const table = brief.table === undefined ? [] : tableLines(brief.table, rows, look);
  const used = fixed + table.length;
  // A log keeps all of them, and whole: nobody looks at its last lines alone.
  const cautions = cautionLines(brief.cautions, uncut ? Infinity : Math.max(1, MOST_LINES - used), look);
  // Air between the parts, as long as there is room for it.
  const parts = [sentences, table, [...cautions, ...feet]].filter((part) => part.length > 0);
  const spare = MOST_LINES - used - cautions.length;
  const text = parts.flatMap((part, i) => (i > 0 && i <= spare ? ['', ...part] : part));
  return text.map((line) => `${line}\n`).join('');
}

type Look = Required<Pick<TextOptions, 'dress' | 'shown'>> & { readonly width: number };

function lines(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + text.split('\n').length, 0);
}

/** One line for each caution; those that find no room are counted in the last one. */
function cautionLines(cautions: readonly string[], room: number, { width, shown, dress }: Look): readonly string[] {
  const kept = cautions.slice(0, room);
  const left = cautions.length - kept.length;
  return kept.map((caution, i) => {
    const more = left > 0 && i === kept.length - 1 ? ` (and ${left} more: --verbose)` : '';
    const start = 'warning:';
    const place = width - textWidth(start) - 1 - textWidth(more);
    const text = fittingCaution(shown(plainText(caution)), place, shown('…'));
    return `${dress(start, 'caution')} ${text}${more}`;
  });
}

/** The fewest of the columns there are that whole clauses must fill: what says less is cut in the middle instead. */
const LEAST_SHARE = 0.55;

/** The first clauses of a caution, as many as fit, since half a clause says little; cut anywhere where they would be too few. */
function fittingCaution(text: string, place: number, mark: string): string {
  if (textWidth(text) <= place) return text;
  const clauses = [...text.matchAll(/[:;] /g)]
    .map(({ index }) => text.slice(0, index))
    .findLast((start) => textWidth(start) <= place);
  const tells = clauses !== undefined && textWidth(clauses) >= LEAST_SHARE * place;
  return tells ? clauses : cutText(text, place, mark);
}

/** As many rows as there is room for: what is chosen or kept, and what is nearest to these; else the first. */
function nearest(rows: readonly BriefRow[], most: number): readonly BriefRow[] {
  const fixed = rows.flatMap(({ chosen, kept }, i) => (chosen || kept ? i : []));
  const distance = (index: number): number => Math.min(Infinity, ...fixed.map((one) => Math.abs(one - index)));
  const order = rows
    .map((_, i) => i)
    .toSorted((a, b) => (distance(a) === distance(b) ? a - b : distance(a) - distance(b)));
  const shown = new Set(order.slice(0, most));
  return rows.filter((_, i) => shown.has(i));
}

function tableLines({ columns, least, rows: all }: BriefTable, most: number, look: Look): readonly string[] {
  const rows = nearest(all, most);
  const left = all.length - rows.length;
  const [stub, ...others] = columns;
  if (stub === undefined || columns.length < 2 || rows.length === 0) return [];
  const marked = all.some(({ chosen }) => chosen);
  const head = left === 0 ? stub.head : `${stub.head}${stub.head === '' ? '' : ', '}${left} more`;
  return fittingTable(
    {
      kind: 'table',
      name: stub.head,
      columns: [{ ...stub, head }, ...others],
      rows: rows.map(({ cells, chosen }) => ({
        cells: cells.map((cell, i) => {
          const text = i === 0 && marked ? `${chosen ? '* ' : '  '}${cell}` : cell;
          return chosen ? [{ text, as: 'strong' as const }] : text;
        }),
      })),
    },
    { ...look, least },
  );
}
