import type { Top } from './top.ts';

/** Writes a value: `12.50 MiB`, `1234B`. */
export type FormatValue = (value: number) => string;

/**
 * The table in the layout of `go tool pprof -top`: flat, its share, the shares so far, cum, its share, name. With bytes
 * written as `1234B` the lines are the same to the character as with `-unit=B`. Names are handed on as they are.
 */
export function topLines({ lines, total }: Top, format: FormatValue): readonly string[] {
  let sum = 0;
  return [
    `${'flat'.padStart(10)} ${'flat'.padStart(5)}% ${'sum'.padStart(5)}% ${'cum'.padStart(10)} ${'cum'.padStart(5)}%`,
    ...lines.map(({ name, flat, cum, inlined }) => {
      sum += flat;
      const mark = inlined === 'no' ? '' : inlined === 'yes' ? ' (inline)' : ' (partial-inline)';
      const share = (value: number): string => percentage(value, total);
      return `${format(flat).padStart(10)} ${share(flat)} ${share(sum)} ${format(cum).padStart(10)} ${share(cum)}  ${name}${mark}`;
    }),
  ];
}

/** A share without its sign in at least two digits, six characters wide, as pprof's measurement.Percentage writes it. */
export function percentage(value: number, total: number): string {
  const percent = total === 0 ? 0 : Math.abs(value / total) * 100;
  if (percent >= 99.95 && percent <= 100.05) return '  100%';
  return `${(percent >= 1 ? percent.toFixed(2) : twoDigits(percent)).padStart(5)}%`;
}

/** C's `%.2g` for numbers below 1. */
function twoDigits(value: number): string {
  if (value === 0) return '0';
  const [digits = '', exponent = ''] = value.toExponential(1).split('e');
  const power = Number(exponent);
  if (power < -4) return `${digits.replace(/\.0$/, '')}e-${String(-power).padStart(2, '0')}`;
  return value.toFixed(1 - power).replace(/\.?0+$/, '');
}
