import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { addAbortSignal, type Readable } from 'node:stream';
import type { Io } from '../cli/io.ts';
import { UserError } from '../errors.ts';
import { headOfFile, otherKind, runInstead, type Expected } from './file-kind.ts';

/** How a file that the user named is read. */
export interface InputFile {
  /** More than this is refused; without it nothing is. */
  readonly limitBytes?: number;
  /** What it should be: a file beyond the limit is refused as what it is, where that is something else. */
  readonly expected: Expected;
  /** The flag that named it, for the message. */
  readonly at?: string;
  /** What to do where it does not exist. */
  readonly hint?: string;
}

/** What reading an input needs of the world. */
export type InputIo = Pick<Io, 'cwd' | 'signal' | 'stderr'>;

/** What a shell's `<(…)` and its redirections are called: a pipe there has somebody at its other end. */
const OF_THE_SHELL = /^\/(?:dev|proc\/self)\/fd\/\d+$|^\/dev\/stdin$/;

/**
 * All bytes of a file that the user named, as `inputChunks` reads them. Throws UserError `file-too-large` too.
 */
export async function readInputFile(
  named: string,
  file: InputFile & { readonly limitBytes: number },
  io: InputIo,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of inputChunks(named, file, io)) {
    size += chunk.length;
    if (size > file.limitBytes) throw tooLarge(named, file, Buffer.concat(chunks.slice(0, 8)));
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
  io: InputIo,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (named !== '-') await refuseUnfit(named, file, io);
  const stream = named === '-' ? openStdin(io) : createReadStream(resolve(io.cwd, named), { signal: io.signal });
  try {
    yield* stream as AsyncIterable<Uint8Array>;
  } catch (error) {
    io.signal.throwIfAborted();
    throw unreadableFile(error, named, file);
  }
}

/**
 * Stdin as Node opens it. A stream of its file descriptor would wait for a terminal or a pipe in a thread that nothing ends,
 * and would not wait for one that the output has made non-blocking.
 */
function openStdin({ signal, stderr }: InputIo): Readable {
  const { stdin } = process;
  if (stdin.isTTY)
    stderr.write('reading from the terminal: paste, then press Ctrl-D at the beginning of a line; Ctrl-C ends\n');
  return addAbortSignal(signal, stdin);
}

/** Looks at a file without opening it. What is not there, or is a folder, is told by whoever reads it. */
async function refuseUnfit(named: string, file: InputFile, io: Pick<Io, 'cwd'>): Promise<void> {
  const path = resolve(io.cwd, named);
  const status = await stat(path).catch(() => undefined);
  const run = status?.isDirectory() === true ? runInstead(named, io.cwd, file.expected, file.at) : undefined;
  if (run !== undefined) throw run;
  if (status === undefined || status.isDirectory()) return;
  if (status.isFile() && status.size > (file.limitBytes ?? Infinity)) throw tooLarge(named, file, headOfFile(path));
  if (status.isFile() || (OF_THE_SHELL.test(path) && !status.isCharacterDevice())) return;
  throw new UserError({
    code: 'not-a-file',
    message: `${named} is not a regular file`,
    ...(file.at === undefined ? {} : { at: file.at }),
  });
}

function tooLarge(
  named: string,
  { limitBytes = Infinity, expected, at }: InputFile,
  head: Uint8Array | undefined,
): UserError {
  const other = head && otherKind(head, named, expected, at);
  const message = `${named === '-' ? 'stdin' : named} is larger than ${limitBytes / 2 ** 20} MiB`;
  return other ?? new UserError({ code: 'file-too-large', message, ...(at === undefined ? {} : { at }) });
}

/** Whether a path that the user named is a folder. Throws UserError where there is nothing that can be read. */
export async function isFolder(named: string, io: Pick<Io, 'cwd'>, at: string, hint?: string): Promise<boolean> {
  try {
    return (await stat(resolve(io.cwd, named))).isDirectory();
  } catch (error) {
    throw unreadableFile(error, named, { at, ...(hint === undefined ? {} : { hint }) });
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
