import { basename } from 'node:path';
import { EXPLANATION_VERSION, type ExplanationDocument } from '../../analysis/explain/explanation-document.ts';
import { withProcessView } from '../../analysis/explain/process-view.ts';
import { explainSeries, type SeriesDocument } from '../../analysis/explain/series.ts';
import { UserError } from '../../errors.ts';
import { findCounters, readMemStatsDumps, SeveralInstances, type MemStatsDump } from '../../probe/memstats-text.ts';
import { plainText } from '../../text/plain-text.ts';
import { formatCount } from '../../units/format-units.ts';
import { documentFrom } from './explain-document.ts';
import type { GivenSizes } from './explain-sizes.ts';
import { severalInstances } from './several-instances.ts';
import type { Io } from '../../cli/io.ts';
import { otherKind } from '../../session/file-kind.ts';
import { readInputFile } from '../../session/input-file.ts';

/** More than any dump of MemStats with the discussion around it. */
const LIMIT_BYTES = 16 * 2 ** 20;
/** Even the smallest Go program has more: its heap grows by 4 MiB at a time. */
const LEAST_SYS_BYTES = 2 ** 20;
/** More than a process of 64 bits can address. */
const MOST_BYTES = 2 ** 48;
/** So many dumps are followed; of more, the last. */
const MOST_DUMPS = 5000;
/** So many faults of one dump are told. */
const MOST_FAULTS = 5;

/**
 * Explains counters that were saved or pasted into files; `-` is stdin. Several dumps, in one text or in several files, are
 * taken as one process's in the order of time. Throws UserError where a file has none.
 */
export async function explainSaved(
  files: readonly string[],
  given: GivenSizes,
  io: Io,
): Promise<ExplanationDocument | SeriesDocument> {
  const dumps: { readonly name: string; readonly dump: MemStatsDump }[] = [];
  let inLast = 0;
  for (const file of files) {
    const name = basename(file === '-' ? 'stdin' : file);
    const found = await dumpsOf(file, given.instance, io);
    dumps.push(...found.map((dump) => ({ name: found.length === 1 ? name : `${name}:${dump.firstLine}`, dump })));
    inLast = found.length;
  }
  const followed = dumps.slice(-MOST_DUMPS);
  const documents = followed.map(({ name, dump }, i) =>
    documentFrom({
      source: { kind: 'text', name },
      counters: { ...dump, dumps: i === followed.length - 1 ? inLast : 1 },
      // What is given is of now, and so of the last dump.
      given: i === followed.length - 1 ? given : { ...given, rss: undefined, pprof: undefined },
      warnings: [],
    }),
  );
  const last = withProcessView(documents.at(-1) as ExplanationDocument, {});
  if (documents.length === 1) return last;
  const series = explainSeries(
    documents.map(({ source: { name }, figures }) => ({ name, atSeconds: undefined, figures })),
    false,
  );
  const left = dumps.length - followed.length;
  const warnings =
    left === 0 ? [] : [`of ${formatCount(dumps.length)} dumps the last ${formatCount(MOST_DUMPS)} are followed`];
  return {
    formatVersion: EXPLANATION_VERSION,
    source: { kind: 'series', name: files.map((file) => basename(file === '-' ? 'stdin' : file)).join(', ') },
    series: { ...series, warnings: [...series.warnings, ...warnings] },
    last,
  };
}

/** The dumps of one process in a file, in the order of the text. */
async function dumpsOf(file: string, instance: string | undefined, io: Io): Promise<readonly MemStatsDump[]> {
  const name = file === '-' ? 'stdin' : file;
  const bytes = await readInputFile(file, { limitBytes: LIMIT_BYTES, expected: 'counters', at: '--memstats' }, io);
  const found = ofOneInstance(textOf(bytes), instance, name);
  if (found.length === 0) {
    const other = otherKind(bytes, file, 'counters', '--memstats');
    if (other !== undefined) throw other;
    throw new UserError({
      code: 'no-memstats',
      message: `${name} contains no runtime.MemStats`,
      at: '--memstats',
      hint: 'save the answer of /debug/vars, /debug/pprof/heap?debug=1 or a Prometheus page, or paste a dump of runtime.MemStats',
    });
  }
  for (const dump of found) refuse(dump, name);
  return found;
}

/** PowerShell's `>` writes UTF-16. */
function textOf(bytes: Buffer): string {
  return bytes[0] === 0xff && bytes[1] === 0xfe ? bytes.toString('utf16le') : bytes.toString('utf8');
}

function ofOneInstance(text: string, instance: string | undefined, name: string): readonly MemStatsDump[] {
  try {
    const last = findCounters(text, instance);
    if (last === undefined) return [];
    return readMemStatsDumps(text, instance !== undefined).filter((dump) => dump.instance === last.instance);
  } catch (error) {
    if (error instanceof SeveralInstances) throw severalInstances(error, instance, name);
    throw error;
  }
}

/** Refuses a dump with figures that could not be read, or that no Go process can have. */
function refuse({ faults, figures, rounding, firstLine }: MemStatsDump, name: string): void {
  const unread = faults.slice(0, MOST_FAULTS).map(({ field, line, column, problem, hint }) => ({
    code: 'bad-figure',
    message: `${plainText(field)}: ${problem}`,
    at: `${name}:${line}:${column}`,
    hint,
  }));
  const rest = faults.length - unread.length;
  const last = unread.at(-1);
  if (rest > 0 && last !== undefined)
    unread[unread.length - 1] = { ...last, hint: `${last.hint}; ${rest} more like it` };
  if (unread.length > 0) throw new UserError(unread);
  for (const [field, key] of [
    ['Sys', 'sysBytes'],
    ['HeapSys', 'heapSysBytes'],
  ] as const) {
    const bytes = figures[key];
    if (bytes !== undefined && (rounding[key]?.high ?? bytes) < LEAST_SYS_BYTES)
      throw impossible(
        `${name}:${firstLine}`,
        `${field} is ${formatCount(bytes)} bytes, and no Go process has less than 1 MiB`,
      );
    if (bytes !== undefined && bytes > MOST_BYTES)
      throw impossible(
        `${name}:${firstLine}`,
        `${field} is ${formatCount(bytes)} bytes, more than a process can address`,
      );
  }
}

function impossible(at: string, message: string): UserError {
  const hint = 'write the unit behind each number if it is not bytes, e.g. Sys = 15 MiB';
  return new UserError({ code: 'bad-figure', message, at, hint });
}
