import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Io } from '../cli/io.ts';
import { UserError } from '../errors.ts';

/** How a file that the user named is read. */
export interface InputFile {
  /** More than this is refused. */
  readonly limitBytes: number;
  /** The flag that named it, for the message. */
  readonly at?: string;
  /** What to do where it does not exist. */
  readonly hint?: string;
}

const STDIN = 0;

/**
 * All bytes of a file that the user named; `-` is stdin. A pipe is read as well as a plain file, so that a shell's
 * `<(…)` works. Throws UserError `no-such-file`, `not-a-file`, `unreadable-file` or `file-too-large`, and the signal's reason.
 */
export async function readInputFile(
  named: string,
  { limitBytes, at, hint }: InputFile,
  io: Pick<Io, 'cwd' | 'signal'>,
): Promise<Buffer> {
  const stream =
    named === '-'
      ? createReadStream('', { fd: STDIN, autoClose: false, signal: io.signal })
      : createReadStream(resolve(io.cwd, named), { signal: io.signal });
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      if (size > limitBytes) break;
      chunks.push(chunk);
    }
  } catch (error) {
    io.signal.throwIfAborted();
    throw unreadableFile(error, named, {
      ...(at === undefined ? {} : { at }),
      ...(hint === undefined ? {} : { hint }),
    });
  }
  if (size <= limitBytes) return Buffer.concat(chunks);
  throw new UserError({
    code: 'file-too-large',
    message: `${named === '-' ? 'stdin' : named} is larger than ${limitBytes / 2 ** 20} MiB`,
    ...(at === undefined ? {} : { at }),
  });
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
