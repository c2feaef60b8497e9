import { formatSeconds } from '../../units/format-units.ts';
import { percentage, topCells, type FormatValue } from '../../profile/format-top.ts';
import type { SampleType } from '../../profile/profile.ts';
import type { Top } from '../../profile/top.ts';
import type { Document, Fact } from '../../report/document/document.ts';

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

/** What a profile, or the difference of two, comes down to. */
export interface ProfileAnswer {
  /** Whose profile it is, and how well it is known: names and sentences. */
  readonly about: readonly Fact[];
  readonly flat: Top;
  readonly cum: Top;
  readonly format: FormatValue;
  /** The whole; for a difference the wholes of its two sides. */
  readonly totals: readonly [number] | readonly [here: number, there: number];
}

/** What the profile is of, and the functions twice: ordered by what is their own, and with all that they call. */
export function profileDocument({ about, flat, cum, format, totals: [here, there] }: ProfileAnswer): Document {
  if (flat.lines.length === 0) {
    const none = there === undefined ? 'The profile has no samples of this type.' : 'The two profiles do not differ.';
    const small = `Each of the ${flat.dropped} functions has less than ${format(flat.cutoff)} of ${format(here)}.`;
    return [
      { kind: 'facts', facts: about },
      { kind: 'prose', text: flat.dropped === 0 ? none : small },
    ];
  }
  const total =
    there === undefined
      ? `${format(here)}.`
      : `${format(here)}, there ${format(there)}: positive means more than there; percentages are relative to the total there.`;
  return [
    { kind: 'facts', facts: [...about, ['total', `${total} ${shownText(flat, format)}`]] },
    ...tableOf('What the functions themselves account for (flat)', flat, format),
    ...tableOf('With all that they call (cum)', cum, format),
  ];
}

function tableOf(title: string, top: Top, format: FormatValue): Document {
  const right = (head: string) => ({ head, align: 'right' }) as const;
  return [
    { kind: 'heading', level: 2, text: title },
    {
      kind: 'table',
      name: title,
      columns: [right('flat'), right('flat%'), right('sum%'), right('cum'), right('cum%'), { head: 'function' }],
      rows: topCells(top, format).map(({ flat, flatShare, sumShare, cum, cumShare, name }) => ({
        cells: [flat, flatShare, sumShare, cum, cumShare, [{ text: name, as: 'code' }]],
      })),
      whole: true,
    },
  ];
}

function shownText({ lines, found, dropped, cutoff, total }: Top, format: FormatValue): string {
  const shown = lines.reduce((sum, { flat }) => sum + flat, 0);
  const functions = lines.length < found ? `The functions shown (${lines.length} of ${found})` : `${found} functions`;
  const left = dropped === 0 ? '' : `; ${dropped} more with less than ${format(cutoff)} each are left out`;
  return `${functions} account for ${percentage(shown, total)}${left}.`;
}
