import { mkdir, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { EnvironmentError, ExitCode, UserError } from '../errors.ts';
import { HISTORY_VERSION, type Night } from '../history/night.ts';
import { corrupt } from '../results/corrupt.ts';
import { diskError } from '../results/disk.ts';
import { endsInALine, openToAppend, readPlainFileIfAny, UnfitFile, writeNewFile } from '../results/plain-file.ts';
import { problemIn } from '../results/shape/parts.ts';
import { plainText } from '../text/plain-text.ts';
import { cellsShape, nightShape } from './night-shape.ts';

/** The file that nights are appended to; every other `.ndjson` file of the folder is read as well. */
const FILE = 'history.ndjson';
/** More than thousands of nights take. */
const MOST_BYTES = 2 ** 28;
/** Lines are appended on each branch: Git keeps those of both. */
const GIT_ATTRIBUTES = '*.ndjson text eol=lf merge=union\n';
/** Stands between what a night is and its cells, which are written last. */
const CELLS = ',"cells":[';
/** How a line of `record` begins. */
const BEGIN = '{"historyVersion":';
/** Places that are named one by one; the rest is counted. */
const MOST_NAMED = 10;

/** What a folder of history holds. */
export interface History {
  /** One for each run, oldest first. */
  readonly nights: readonly Night[];
  /** What could not be read so far, line by line: cells are read when they are looked at. */
  readonly warnings: () => readonly string[];
}

/** A place that could not be read. */
interface Damage {
  readonly file: string;
  readonly line: number;
  readonly what: string;
  /** It is how a night begins. */
  readonly begun: boolean;
}

/** Appends a night as one write, which on a local disk no other process can come between. Gives the file, and whether the night was in it already. */
export async function appendNight(
  named: string,
  night: Night,
  cwd: string,
): Promise<{ readonly file: string; readonly known: boolean }> {
  const folder = resolve(cwd, named);
  const file = join(folder, FILE);
  const line = JSON.stringify(night);
  try {
    await mkdir(folder, { recursive: true });
    await writeNewFile(join(folder, '.gitattributes'), GIT_ATTRIBUTES).catch(unlessThere);
    const lines = readPlainFileIfAny(file, MOST_BYTES)?.toString('utf8').split('\n') ?? [];
    // The last line of a run stands: one that is the same as an earlier line is recorded again.
    const ofRun = `"run":${JSON.stringify(night.run)},`;
    if (lines.findLast((one) => one.includes(ofRun)) === line) return { file, known: true };
    const handle = await openToAppend(file);
    try {
      // After a line that was cut short a new one begins, so that only the cut one is lost.
      const bytes = Buffer.from(`${endsInALine(file) ? '' : '\n'}${line}\n`);
      const { bytesWritten } = await handle.write(bytes);
      if (bytesWritten < bytes.length)
        throw new EnvironmentError('disk-full', `the disk is full: ${plainText(file)} did not take the whole night`, {
          hint: 'make room and record it again; what was written of it is passed over',
        });
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof UnfitFile) throw unsafe(error);
    if (error instanceof UserError || error instanceof EnvironmentError) throw error;
    throw diskError(error, plainText(file));
  }
  return { file, known: false };
}

/** Reads a folder of history; undefined where there is no such folder. Throws UserError where it holds no history, or one of a newer version. */
export async function readHistory(named: string, cwd: string): Promise<History | undefined> {
  const folder = resolve(cwd, named);
  let names: readonly string[];
  try {
    names = (await readdir(folder)).filter((name) => name.endsWith('.ndjson')).toSorted();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (code === 'ENOTDIR')
      throw new UserError({
        code: 'not-a-folder',
        message: `${named} is a file, not a folder with a history`,
        hint: 'name the folder that it is in',
      });
    throw error;
  }
  const lines = new HistoryLines();
  for (const name of names) {
    try {
      lines.read(name, readPlainFileIfAny(join(folder, name), MOST_BYTES)?.toString('utf8') ?? '');
    } catch (error) {
      throw error instanceof UnfitFile ? unsafe(error) : error;
    }
  }
  return lines.history(named);
}

/** Reads lines of history, one file after the other. */
export class HistoryLines {
  readonly #nights = new Map<string, Night>();
  readonly #damaged: Damage[] = [];

  /** Throws UserError where a line is of a newer version. */
  read(file: string, text: string): void {
    let start = 0;
    for (let number = 1; start < text.length; number++) {
      const end = text.indexOf('\n', start);
      const line = text.slice(start, end === -1 ? text.length : end).trim();
      start = end === -1 ? text.length : end + 1;
      if (line !== '') this.#line(line, { file, number, last: start === text.length && end === -1 });
    }
  }

  /** What was read. Throws UserError where that was no night at all, but something else. */
  history(folder: string): History {
    // A first night that was cut short is the beginning of a history.
    const first = this.#damaged.find(({ begun }) => !begun);
    if (this.#nights.size === 0 && first !== undefined) {
      throw corrupt(
        'not-a-history',
        `${plainText(folder)} holds no history: ${first.file}, line ${first.line} ${first.what.replace('; it is left out', '')}`,
        'name a folder that gctune record has written to',
      );
    }
    const nights = [...this.#nights.values()].toSorted((a, b) =>
      a.startedAt === b.startedAt ? (a.run < b.run ? -1 : 1) : a.startedAt < b.startedAt ? -1 : 1,
    );
    return { nights, warnings: () => this.#warnings() };
  }

  #warnings(): readonly string[] {
    const named = this.#damaged.slice(0, MOST_NAMED).map(({ file, line, what }) => `${file}, line ${line} ${what}`);
    const more = this.#damaged.length - named.length;
    return more > 0 ? [...named, `${more} more lines could not be read`] : named;
  }

  #line(line: string, at: { readonly file: string; readonly number: number; readonly last: boolean }): void {
    const place = { file: plainText(at.file), line: at.number, begun: at.last && isBegun(line) };
    const split = headAndCells(line);
    if (split === undefined) {
      const night = nightIn(line);
      const what = at.last ? 'was cut short' : 'is damaged';
      this.#damaged.push({
        ...place,
        what: `${what}${night === undefined ? '' : ` (the night ${night})`}; it is left out`,
      });
      return;
    }
    const { head, cells } = split;
    const { historyVersion } = head;
    if (typeof historyVersion === 'number' && historyVersion > HISTORY_VERSION) {
      throw new UserError(
        {
          code: 'newer-format',
          message: `${place.file}, line ${place.line} was written by a newer version of gctune (history version ${historyVersion}, this one reads ${HISTORY_VERSION})`,
          hint: 'use the gctune that recorded it, or a newer one',
        },
        ExitCode.corruptResults,
      );
    }
    const night = nightShape.safeParse(head);
    if (historyVersion === undefined)
      this.#damaged.push({ ...place, what: 'is not a night of a history; it is left out' });
    else if (!night.success)
      this.#damaged.push({
        ...place,
        what: `is damaged (the night ${nightIn(line) ?? 'unknown'}): ${problemIn(night.error)}; it is left out`,
      });
    // The last one stands: a run may be recorded again once it was resumed.
    else this.#nights.set(night.data.run, this.#withCells(night.data, cells, place));
  }

  /** A night whose cells are read when they are first looked at. */
  #withCells(night: Omit<Night, 'cells'>, text: () => unknown, place: Omit<Damage, 'what'>): Night {
    let cells: Night['cells'] | undefined;
    const read = (): Night['cells'] => {
      const value = text();
      const found = cellsShape.safeParse(value);
      if (found.success) return found.data;
      this.#damaged.push({
        ...place,
        what: `is damaged (the night ${night.run}): ${value === undefined ? 'its cells are not JSON' : `cells${problemIn(found.error)}`}; its figures are left out`,
      });
      return [];
    };
    return {
      ...night,
      get cells() {
        return (cells ??= read());
      },
    };
  }
}

/**
 * A line without its cells, and how these are read; undefined where it is no JSON. Cells are most of a line and are written
 * last, so that they need not be read of nights of years ago; another program may have put them elsewhere.
 */
function headAndCells(
  line: string,
): { readonly head: Readonly<Record<string, unknown>>; readonly cells: () => unknown } | undefined {
  const at = line.indexOf(CELLS);
  const head = at < 0 || !line.endsWith(']}') ? undefined : parsed(`${line.slice(0, at)}}`);
  if (head !== undefined) return { head, cells: () => parsed(line.slice(at + CELLS.length - 1, -1)) };
  const whole = parsed(line);
  return whole && { head: whole, cells: () => whole['cells'] };
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a line is a night as far as it goes. */
function isBegun(line: string): boolean {
  return line.startsWith(BEGIN) || BEGIN.startsWith(line);
}

/** The run that a damaged line is of, where that part of it is whole. */
function nightIn(line: string): string | undefined {
  return /"run":"([A-Za-z0-9_][A-Za-z0-9._-]{0,254})"/.exec(line.slice(0, 1000))?.[1];
}

function unsafe(error: UnfitFile): UserError | EnvironmentError {
  if (error.kind === 'unreadable')
    return new EnvironmentError('history-not-readable', error.message, {
      hint: 'see who may read it: ls -l',
      cause: error,
    });
  const hint =
    error.kind === 'too-big'
      ? 'move its oldest lines to a file that does not end in .ndjson; the last hundred nights are what is judged'
      : 'a folder of history holds only regular files';
  return corrupt('unsafe-history', error.message, hint, error);
}

function unlessThere(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
}
