import { createHash, randomUUID } from 'node:crypto';
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, writeSync } from 'node:fs';
import { type FileHandle, lstat, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

// A folder of results may come from anybody, and a name in it may be a link to a file of the user's, a pipe that never
// ends or a device. Everything that is read from such a folder or written into it goes through here.

// Windows has neither of the two.
const NO_FOLLOW = (constants.O_NOFOLLOW as number | undefined) ?? 0;
const NO_WAIT = (constants.O_NONBLOCK as number | undefined) ?? 0;

/** Permissions of a new file before the umask: for everybody to read, or for its owner only. */
export type FileMode = 0o644 | 0o600;

/** The permissions that a file made from another is to have: what may be read by its owner only is shown to nobody else. */
export async function modeOf(path: string): Promise<FileMode> {
  const { mode } = await stat(path);
  return (mode & 0o077) === 0 ? 0o600 : 0o644;
}

/** Why a name does not stand for a plain file that can be read. */
export type Unfit = 'missing' | 'link' | 'not-plain' | 'foreign' | 'too-big' | 'unreadable';

/** A name that does not stand for a plain file, or for one that is larger than it may be. */
export class UnfitFile extends Error {
  override readonly name = 'UnfitFile';
  readonly kind: Unfit;
  readonly path: string;
  /** What is wrong without the path: `is a symbolic link`. */
  readonly what: string;
  constructor(path: string, kind: Unfit, what: string, cause?: unknown) {
    super(`${path} ${what}`, cause === undefined ? {} : { cause });
    this.kind = kind;
    this.path = path;
    this.what = what;
  }
}

/**
 * Reads a plain file whole; with `owner` only one of that user's. Links, pipes, sockets and devices are refused without
 * being waited for. Throws UnfitFile.
 */
export function readPlainFile(path: string, limitBytes: number, owner?: number): Buffer {
  const file = openPlain(path);
  try {
    const status = fstatSync(file);
    if (!status.isFile()) throw new UnfitFile(path, 'not-plain', 'is not a regular file');
    if (owner !== undefined && status.uid !== owner) throw new UnfitFile(path, 'foreign', 'belongs to another user');
    if (status.size > limitBytes) throw tooBig(path, limitBytes);
    return readAll(file, path, status.size, limitBytes);
  } catch (error) {
    throw error instanceof UnfitFile ? error : unreadable(path, error);
  } finally {
    closeSync(file);
  }
}

/** As `readPlainFile`; undefined where there is no such file. */
export function readPlainFileIfAny(path: string, limitBytes: number): Buffer | undefined {
  try {
    return readPlainFile(path, limitBytes);
  } catch (error) {
    if (error instanceof UnfitFile && error.kind === 'missing') return undefined;
    throw error;
  }
}

/** The SHA-256 of a plain file, in hexadecimal; undefined where there is no such file. Throws UnfitFile. */
export function digestPlainFile(path: string, limitBytes: number): string | undefined {
  const hash = createHash('sha256');
  try {
    throughPlainFile(path, limitBytes, (chunk) => hash.update(chunk));
  } catch (error) {
    if (error instanceof UnfitFile && error.kind === 'missing') return undefined;
    throw error;
  }
  return hash.digest('hex');
}

/** Copies a plain file to a new one; false where there is none to copy. Throws UnfitFile, or what the file system says of the new one. */
export function copyPlainFile(from: string, to: string, limitBytes: number, mode: FileMode): boolean {
  let made: number | undefined;
  try {
    throughPlainFile(from, limitBytes, (part) => {
      made ??= openSync(to, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW, mode);
      for (let written = 0; written < part.length;) written += writeSync(made, part, written);
    });
    // Of an empty file no part was taken.
    made ??= openSync(to, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW, mode);
    return true;
  } catch (error) {
    if (error instanceof UnfitFile && error.kind === 'missing') return false;
    throw error;
  } finally {
    if (made !== undefined) closeSync(made);
  }
}

const chunk = Buffer.allocUnsafe(2 ** 18);

function throughPlainFile(path: string, limitBytes: number, take: (part: Buffer) => void): void {
  const file = openPlain(path);
  try {
    if (!fstatSync(file).isFile()) throw new UnfitFile(path, 'not-plain', 'is not a regular file');
    let bytes = 0;
    for (;;) {
      const read = readSync(file, chunk, 0, chunk.length, null);
      if (read === 0) return;
      bytes += read;
      if (bytes > limitBytes) throw tooBig(path, limitBytes);
      take(chunk.subarray(0, read));
    }
  } catch (error) {
    throw error instanceof UnfitFile ? error : unreadable(path, error);
  } finally {
    closeSync(file);
  }
}

/** Whether a name is that of a folder itself; a link to one is none. */
export function isRealFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Makes a new file and writes it, or makes none; whatever stands at its name, a link too, is an error (`EEXIST`). */
export async function writeNewFile(path: string, data: string | Uint8Array, mode: FileMode = 0o644): Promise<void> {
  const file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW, mode);
  try {
    await file.writeFile(data);
    await file.sync();
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

/**
 * Writes a file whole or not at all, under a name that nobody can guess and then in the place of its own. What stood
 * there is replaced, never written through: a link goes, what it leads to stays as it is.
 */
export async function replaceFile(path: string, data: string | Uint8Array, mode: FileMode = 0o644): Promise<void> {
  const temporary = join(dirname(path), `.${randomUUID()}.tmp`);
  try {
    await writeNewFile(temporary, data, mode);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Whether the last line of a plain file has an end; an empty file has no line. */
export function endsInALine(path: string): boolean {
  const file = openPlain(path);
  try {
    const { size } = fstatSync(file);
    const last = Buffer.allocUnsafe(1);
    return size === 0 || (readSync(file, last, 0, 1, size - 1) === 1 && last[0] === 10);
  } finally {
    closeSync(file);
  }
}

/** Opens a plain file to append to; makes it where there is none. */
export async function openToAppend(path: string, mode: FileMode = 0o644): Promise<FileHandle> {
  const file = await open(
    path,
    constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | NO_FOLLOW | NO_WAIT,
    mode,
  );
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw new UnfitFile(path, 'not-plain', 'is not a regular file');
}

/** What of the system a user may name to write to; there links are the system's own. */
const STREAMS = /^\/dev\/(?:stdout|stderr|null|tty|fd\/\d+)$|^\/proc\/self\/fd\/\d+$/;

/**
 * Writes a file that the user named. A link is refused, as are a file with several names and a pipe, because in a
 * folder of somebody else's each may lead to where the user did not mean. `/dev/stdout` and its like get the text.
 * Throws UnfitFile, or what the file system says.
 */
export async function writeNamedFile(path: string, text: string): Promise<void> {
  if (STREAMS.test(path)) return writeFile(path, text);
  const file = await openNamedFile(path);
  try {
    await file.truncate(0);
    await file.writeFile(text);
  } finally {
    await file.close();
  }
}

/** Whether a file that the user named could be written, without leaving one that was not there. Throws as `writeNamedFile` does. */
export async function tryNamedFile(path: string): Promise<void> {
  if (STREAMS.test(path)) return;
  const found = await lstat(path).catch(() => undefined);
  await (await openNamedFile(path)).close();
  if (found === undefined) await rm(path, { force: true });
}

/**
 * As `writeNamedFile`, of what comes in pieces: beside the file first, then in its place, so that nobody reads half of it and one that
 * fails leaves the old one as it is. Each piece is written while the next one is made, and has to stand until then.
 * Nothing waits for the disk: what comes in pieces may be gigabytes, and can be made again after a power cut.
 */
export async function writeNamedPieces(path: string, pieces: Iterable<Uint8Array | string>): Promise<void> {
  if (STREAMS.test(path)) return writeFile(path, pieces);
  const found = await lstat(path).catch(() => undefined);
  if (found !== undefined) await (await openNamedFile(path)).close();
  const temporary = join(dirname(path), `.${randomUUID()}.tmp`);
  try {
    const file = await open(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW, 0o644);
    try {
      let written = Promise.resolve();
      for (const piece of pieces) {
        await written;
        written = file.appendFile(piece);
        // Told where it is awaited, whatever making the next piece meets.
        written.catch(() => undefined);
      }
      await written;
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Opens a file that the user named to write to it; makes it where there is none. Throws UnfitFile, or what the file system says. */
async function openNamedFile(path: string): Promise<FileHandle> {
  const found = await lstat(path).catch(() => undefined);
  if (found?.isSymbolicLink() === true) {
    throw new UnfitFile(path, 'link', 'is a symbolic link, and links are not followed; name the file itself');
  }
  const making = found === undefined ? constants.O_CREAT | constants.O_EXCL : 0;
  const file = await open(path, constants.O_WRONLY | NO_FOLLOW | NO_WAIT | making, 0o644);
  try {
    const status = await file.stat();
    if (!status.isFile()) throw new UnfitFile(path, 'not-plain', 'is not a regular file');
    if (status.nlink > 1) {
      throw new UnfitFile(path, 'link', 'has another name as well (a hard link), which would be overwritten too');
    }
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Makes a rename in the folder survive a power cut; a no-op where folders cannot be synced (Windows). */
export async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(folder, 'r');
    await handle.sync();
  } catch {
    return;
  } finally {
    await handle?.close();
  }
}

function openPlain(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | NO_FOLLOW | NO_WAIT);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') throw new UnfitFile(path, 'missing', 'is not there', error);
    // What O_NOFOLLOW says of a link: ELOOP on Linux and macOS, EMLINK on FreeBSD.
    if (code === 'ELOOP' || code === 'EMLINK') throw new UnfitFile(path, 'link', 'is a symbolic link', error);
    // A socket, or a device that has no driver.
    if (code === 'ENXIO' || code === 'ENODEV') throw new UnfitFile(path, 'not-plain', 'is not a regular file', error);
    throw unreadable(path, error);
  }
}

/** Reads to the end, however the file grows or shrinks meanwhile. */
function readAll(file: number, path: string, expected: number, limitBytes: number): Buffer {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for (;;) {
    const chunk = Buffer.allocUnsafe(Math.max(expected - bytes, 0) + 1);
    const read = readSync(file, chunk, 0, chunk.length, null);
    if (read === 0) break;
    bytes += read;
    if (bytes > limitBytes) throw tooBig(path, limitBytes);
    chunks.push(chunk.subarray(0, read));
  }
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
}

function tooBig(path: string, limitBytes: number): UnfitFile {
  return new UnfitFile(path, 'too-big', `is larger than ${limitBytes / 2 ** 20} MiB`);
}

function unreadable(path: string, error: unknown): UnfitFile {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  const words: Readonly<Record<string, string>> = {
    EACCES: 'permission denied',
    EISDIR: 'it is a folder',
    ENOTDIR: 'a part of the path is a file',
  };
  return new UnfitFile(path, 'unreadable', `cannot be read: ${words[code] ?? code}`, error);
}
