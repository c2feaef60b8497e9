import { UserError } from '../../errors.ts';
import { quote } from '../../units/units.ts';
import { parseWrittenSize, type WrittenSize } from '../../units/written-size.ts';

/** A size as the user wrote it, in bytes, and between what it may lie. */
export interface GivenSize extends WrittenSize {
  readonly written: string;
}

/** What can be given to `gctune explain` beyond its input. */
export interface GivenSizes {
  readonly rss: GivenSize | undefined;
  readonly pprof: GivenSize | undefined;
  /** Which of several processes of a page is meant. */
  readonly instance: string | undefined;
}

/** Reads the value of a flag as ps, docker stats and pprof print it: `316252KiB`, `918.7MiB`, `87.51MB`. Throws UserError. */
export function sizeOf(text: string, flag: '--rss' | '--pprof-heap'): GivenSize {
  const read = parseWrittenSize(text.trim());
  if ('value' in read && read.value.bytes > 0) {
    const { bytes, low, high, vague } = read.value;
    // pprof's MB is 2²⁰ bytes whatever it is called (github.com/google/pprof internal/measurement); ps counts whole KiB.
    const exact = /^\d+\s*KiB$/.test(text.trim());
    return flag === '--pprof-heap' || exact
      ? { bytes, low: bytes, high: bytes, written: text }
      : { bytes, low, high, vague, written: text };
  }
  throw new UserError({
    code: 'bad-value',
    message: 'problem' in read ? read.problem : `${quote(text)} is a size of zero`,
    at: flag,
    hint: 'hint' in read ? read.hint : 'write a size such as 316252KiB or 918.7MiB',
  });
}

/** Throws where RSS was given without a unit, as ps prints it, and is far too small for the process: ps counts KiB. */
export function checkPlausible(rss: GivenSize | undefined, goBytes: number | undefined): void {
  if (rss === undefined || goBytes === undefined || /[a-z]/i.test(rss.written) || rss.bytes * 16 > goBytes) return;
  const kibibytes = rss.bytes * 2 ** 10 * 16 > goBytes;
  throw new UserError({
    code: 'bad-value',
    message: `${rss.written} bytes is far less than Go alone holds`,
    at: '--rss',
    hint: kibibytes ? `ps prints KiB: write ${rss.written}KiB` : `write its unit, e.g. ${rss.written}MiB`,
  });
}
