import { UserError } from '../../errors.ts';
import { parseSize, quote } from '../../units/units.ts';

/** A size as the user wrote it, and in bytes. */
export interface GivenSize {
  readonly bytes: number;
  readonly written: string;
}

/** The sizes that can be given to `gctune explain`. */
export interface GivenSizes {
  readonly rss: GivenSize | undefined;
  readonly pprof: GivenSize | undefined;
}

/** pprof's units are powers of 1024 whatever it calls them (github.com/google/pprof internal/measurement). */
const PPROF_UNITS = { B: 1, kB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30 } as const;

/** Reads the value of a flag: `316252KiB`, and for pprof's own figure also `87.51MB` as pprof prints it. Throws UserError. */
export function sizeOf(text: string, flag: '--rss' | '--pprof-heap'): GivenSize {
  const pprof = /^(\d{1,9}(?:\.\d{1,6})?)(B|kB|MB|GB)$/.exec(text);
  if (flag === '--pprof-heap' && pprof !== null && Number(pprof[1]) > 0) {
    return {
      bytes: Math.round(Number(pprof[1]) * PPROF_UNITS[pprof[2] as keyof typeof PPROF_UNITS]),
      written: text,
    };
  }
  const read = parseSize(text);
  if ('value' in read && Number.isSafeInteger(read.value)) return { bytes: read.value, written: text };
  throw new UserError({
    code: 'bad-value',
    message: 'problem' in read ? read.problem : `${quote(text)} is more memory than any machine has`,
    at: flag,
    hint: 'hint' in read ? read.hint : 'write a size such as 316252KiB',
  });
}

/** Throws where RSS was given without a unit, as ps prints it, and is far too small for the process: ps counts KiB. */
export function checkPlausible(rss: GivenSize | undefined, goBytes: number | undefined): void {
  if (rss === undefined || goBytes === undefined || !/^\d+$/.test(rss.written) || rss.bytes * 16 > goBytes) return;
  throw new UserError({
    code: 'bad-value',
    message: `${rss.written} bytes is far less than Go alone holds`,
    at: '--rss',
    hint: `ps prints KiB: write ${rss.written}KiB`,
  });
}
