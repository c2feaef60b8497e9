import { formatSeconds } from '../../units/format-units.ts';
import { plainText } from '../../text/plain-text.ts';
import { percentage, topLines, type FormatValue } from '../../profile/format-top.ts';
import type { SampleType } from '../../profile/profile.ts';
import type { Top } from '../../profile/top.ts';
import type { Style } from '../../cli/terminal/style.ts';

/** The units that bytes can be shown in. */
export const BYTE_UNITS = ['MiB', 'KiB', 'GiB', 'B'] as const;
/** One of them. */
export type ByteUnit = (typeof BYTE_UNITS)[number];

const DIVISORS: Readonly<Record<ByteUnit, number>> = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

/** How values of a sample type are written; bytes in B as `go tool pprof -unit=B` writes them. */
export function formatOf({ unit }: SampleType, bytes: ByteUnit): FormatValue {
  if (unit === 'nanoseconds') return (value) => (value === 0 ? '0' : formatSeconds(value / 1e9));
  // A mean over trials is seldom whole; pprof cuts as well.
  const whole = (value: number, suffix: string): string =>
    Math.trunc(value) === 0 ? '0' : `${Math.trunc(value)}${suffix}`;
  if (unit !== 'bytes') return (value) => whole(value, '');
  if (bytes === 'B') return (value) => whole(value, 'B');
  return (value) => (value === 0 ? '0' : `${(value / DIVISORS[bytes]).toFixed(2)} ${bytes}`);
}

/** What the tables are written with. */
export interface TableStyle {
  readonly format: FormatValue;
  readonly style: Style;
  /** The whole; for a difference the wholes of its two sides. */
  readonly totals: readonly [number] | readonly [here: number, there: number];
}

/** The two tables, each under a line that says what it is ordered by. */
export function tables(flat: Top, cum: Top, { format, style, totals }: TableStyle): readonly string[] {
  const table = (top: Top): readonly string[] => {
    const [head = '', ...lines] = topLines(
      { ...top, lines: top.lines.map((line) => ({ ...line, name: style.text(plainText(line.name)) })) },
      format,
    );
    return [style.bold(head), ...lines];
  };
  const [here, there] = totals;
  if (flat.lines.length === 0)
    return [
      there === undefined ? 'The profile holds no samples of this type.' : 'There is no difference between them.',
    ];
  return [
    there === undefined
      ? `Total ${format(here)}. ${shownText(flat, format)}`
      : `Total ${format(here)}, there ${format(there)}: positive is more than there; percentages are of the total there. ${shownText(flat, format)}`,
    '',
    'What the functions themselves account for (flat):',
    '',
    ...table(flat),
    '',
    'With all that they call (cum):',
    '',
    ...table(cum),
  ];
}

function shownText({ lines, found, dropped, cutoff, total }: Top, format: FormatValue): string {
  const shown = lines.reduce((sum, { flat }) => sum + flat, 0);
  const functions = lines.length < found ? `The functions shown (${lines.length} of ${found})` : `${found} functions`;
  const left = dropped === 0 ? '' : `; ${dropped} more with less than ${format(cutoff)} each are left out`;
  return `${functions} account for ${percentage(shown, total).trim()}${left}.`;
}
