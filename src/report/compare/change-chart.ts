import type { Estimate } from '../../statistics/estimate.ts';
import { cutText, textWidth } from '../../text/text-width.ts';
import { plainText } from '../../text/plain-text.ts';

/** A change as a share of the base, with its interval, and how it is called. */
export interface ChangeRow {
  readonly label: string;
  /** New ÷ base − 1. */
  readonly change: Estimate;
  readonly verdict: string;
}

/** Columns of the scale, an odd number. */
const COLUMNS = 41;
/** Columns that a label may take. */
const LABEL_COLUMNS = 48;
/** A scale that is shorter than this would make a change out of noise. */
const LEAST_REACH = 0.01;

/**
 * Changes and their intervals on one scale, in text, since GitHub shows no drawing that is not a file of its own:
 *
 *     CPU per request              │        ├──●──┤   worse
 */
export function changeChart(rows: readonly ChangeRow[]): string {
  const known = rows.flatMap(({ change: { value, low, high }, ...row }) =>
    low === null || high === null ? [] : [{ ...row, label: plainText(row.label), value, low, high }],
  );
  if (known.length === 0) return '';
  const least = Math.min(-LEAST_REACH, ...known.map(({ low }) => low));
  const most = Math.max(LEAST_REACH, ...known.map(({ high }) => high));
  const column = (change: number): number => Math.round(((change - least) / (most - least)) * (COLUMNS - 1));
  const labels = known.map(({ label }) => cutText(label, LABEL_COLUMNS, '…'));
  const width = Math.max(...labels.map(textWidth));
  const line = (label: string, scale: string, after: string): string =>
    `${label}${' '.repeat(width - textWidth(label))}  ${scale}  ${after}`.trimEnd();
  return [
    line('', scaleText(least, most, column(0)), ''),
    ...known.map(({ value, low, high, verdict }, i) => {
      const cells = Array.from({ length: COLUMNS }, (_, at) => {
        if (at === column(value)) return '●';
        if (at === column(low)) return '├';
        if (at === column(high)) return '┤';
        if (at > column(low) && at < column(high)) return '─';
        return at === column(0) ? '│' : ' ';
      });
      return line(labels[i] ?? '', cells.join(''), verdict);
    }),
  ].join('\n');
}

/** `−2 %       0          +12 %`: zero, and the ends where there is room beside it. */
function scaleText(least: number, most: number, zero: number): string {
  const percent = (share: number): string => {
    const size = Math.abs(share * 100);
    return `${share < 0 ? '−' : '+'}${size < 9.95 ? size.toFixed(1) : size.toFixed(0)} %`;
  };
  const left = percent(least);
  const right = percent(most);
  const start = zero > left.length ? left : '';
  const end = zero < COLUMNS - right.length - 1 ? right : '';
  return `${start.padEnd(zero)}0`.padEnd(COLUMNS - end.length) + end;
}
