import { plainText } from '../text/plain-text.ts';
import type { Estimate } from '../statistics/estimate.ts';

/** Rows as comma-separated values (RFC 4180), the columns in the order given; what a row does not have is empty. */
export function csvTable<Column extends string>(
  columns: readonly Column[],
  rows: readonly Readonly<Partial<Record<Column, string | number | null | undefined>>>[],
): string {
  const lines = rows.map((row) => columns.map((column) => field(row[column])).join(','));
  return `${[columns.join(','), ...lines].join('\r\n')}\r\n`;
}

/**
 * One field: text as one line that a terminal does not act on either. Text that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, CSV injection);
 * numbers are written as they are, minus signs too.
 */
function field(value: string | number | null | undefined): string {
  if (value === null || value === undefined || value === '') return '';
  if (typeof value === 'number') return String(value);
  const text = plainText(value);
  const safe = /^[=+\-@＝＋－＠]/.test(text) ? `'${text}` : text;
  return /[",]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** An estimate in the columns that every table of ours has for one. */
export function estimateColumns({ value, low, high, confidence, n, method, warnings }: Estimate): {
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly confidence: number | null;
  readonly n: number;
  readonly method: string;
  readonly note: string;
} {
  return { value, low, high, confidence, n, method, note: warnings.join('; ') };
}
