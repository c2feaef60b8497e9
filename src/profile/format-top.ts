import type { Top } from './top.ts';

/** Writes a value: `12.50 MiB`, `1234B`. */
export type FormatValue = (value: number) => string;

/** What a line of the table of functions says, in the order of `go tool pprof -top`. */
export interface TopCells {
  readonly flat: string;
  readonly flatShare: string;
  /** The shares of the lines so far. */
  readonly sumShare: string;
  readonly cum: string;
  readonly cumShare: string;
  /** With whether it was inlined. Untrusted text. */
  readonly name: string;
}

/** The lines of the table in the words of `go tool pprof -top`; with bytes as `1234B` those of `-unit=B`. */
export function topCells({ lines, total }: Top, format: FormatValue): readonly TopCells[] {
  let sum = 0;
  return lines.map(({ name, flat, cum, inlined }) => {
    sum += flat;
    return {
      flat: format(flat),
      flatShare: percentage(flat, total),
      sumShare: percentage(sum, total),
      cum: format(cum),
      cumShare: percentage(cum, total),
      name: name + { no: '', yes: ' (inline)', partly: ' (partial-inline)' }[inlined],
    };
  });
}

/** A share without its sign in at least two digits, as pprof's measurement.Percentage writes it. */
export function percentage(value: number, total: number): string {
  const percent = total === 0 ? 0 : Math.abs(value / total) * 100;
  if (percent >= 99.95 && percent <= 100.05) return '100%';
  return `${percent >= 1 ? percent.toFixed(2) : twoDigits(percent)}%`;
}

/** C's `%.2g` for numbers below 1. */
function twoDigits(value: number): string {
  if (value === 0) return '0';
  const [digits = '', exponent = ''] = value.toExponential(1).split('e');
  const power = Number(exponent);
  if (power < -4) return `${digits.replace(/\.0$/, '')}e-${String(-power).padStart(2, '0')}`;
  return value.toFixed(1 - power).replace(/\.?0+$/, '');
}
