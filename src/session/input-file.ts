import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Io } from '../cli/io.ts';
import { UserError } from '../errors.ts';

/** How a file that the user named is read. */
export interface InputFile {
  /** More than this is refused; without it nothing is. */
  readonly limitBytes?: number;
  /** The flag that named it, for the message. */
  readonly at?: string;
  /** What to do where it does not exist. */
  readonly hint?: string;
}

const STDIN = 0;

/** What a shell's `<(…)` and its redirections are called: a pipe there has somebody at its other end. */
const OF_THE_SHELL = /^\/(?:dev|proc\/self)\/fd\/\d+$|^\/dev\/stdin$/;

/**
 * All bytes of a file that the user named, as `inputChunks` reads them. Throws UserError `file-too-large` too.
 */
export async function readInputFile(
  named: string,
  file: InputFile & { readonly limitBytes: number },
  io: Pick<Io, 'cwd' | 'signal'>,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of inputChunks(named, file, io)) {
    size += chunk.length;
    if (size > file.limitBytes) throw tooLarge(named === '-' ? 'stdin' : named, file);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * The bytes of a file that the user named as they come; `-` is stdin, and a shell's `<(…)` is read as well. Any other pipe and any
 * device is refused before it is opened: nothing ends the wait for one without a writer. Throws UserError `no-such-file`, `not-a-file`, `unreadable-file` or `file-too-large`, and the signal's reason.
 */
export async function* inputChunks(
  named: string,
  file: InputFile,
  io: Pick<Io, 'cwd' | 'signal'>,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (named !== '-') await refuseUnfit(named, file, io);
  const stream =
    named === '-'
      ? createReadStream('', { fd: STDIN, autoClose: false, signal: io.signal })
      : createReadStream(resolve(io.cwd, named), { signal: io.signal });
  try {
    yield* stream as AsyncIterable<Uint8Array>;
  } catch (error) {
    io.signal.throwIfAborted();
    throw unreadableFile(error, named, file);
  }
}

/** Looks at a file without opening it. What is not there, or is a folder, is told by whoever reads it. */
async function refuseUnfit(named: string, file: InputFile, io: Pick<Io, 'cwd'>): Promise<void> {
  const path = resolve(io.cwd, named);
  const status = await stat(path).catch(() => undefined);
  if (status === undefined || status.isDirectory()) return;
  if (status.isFile() && status.size > (file.limitBytes ?? Infinity)) throw tooLarge(named, file);
  if (status.isFile() || (OF_THE_SHELL.test(path) && !status.isCharacterDevice())) return;
  throw new UserError({
    code: 'not-a-file',
    message: `${named} is not a regular file`,
    ...(file.at === undefined ? {} : { at: file.at }),
  });
}

function tooLarge(what: string, { limitBytes = Infinity, at }: InputFile): UserError {
  const message = `${what} is larger than ${limitBytes / 2 ** 20} MiB`;
  return new UserError({ code: 'file-too-large', message, ...(at === undefined ? {} : { at }) });
}

/** Whether a path that the user named is a folder. Throws UserError where there is nothing that can be read. */
export async function isFolder(named: string, io: Pick<Io, 'cwd'>, at: string): Promise<boolean> {
  try {
    return (await stat(resolve(io.cwd, named))).isDirectory();
  } catch (error) {
    throw unreadableFile(error, named, { at });
  }
}

/** The error for a file that the user named and that cannot be read, by the cause that the system gave. */
export function unreadableFile(
  error: unknown,
  named: string,
  { at, hint }: { readonly at?: string; readonly hint?: string } = {},
): UserError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const place = at === undefined ? {} : { at };
  if (code === 'ENOENT') {
    const message = `there is no file ${named}`;
    return new UserError({ code: 'no-such-file', message, ...place, ...(hint === undefined ? {} : { hint }) });
  }
  if (code === 'EISDIR') {
    return new UserError({ code: 'not-a-file', message: `${named} is a folder; name the file in it`, ...place });
  }
  const why = code === 'EACCES' ? 'permission denied' : error instanceof Error ? error.message : String(error);
  return new UserError({ code: 'unreadable-file', message: `${named} cannot be read: ${why}`, ...place });
}
