import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EnvironmentError, machineCondition } from '../errors.ts';
import { replaceFile, writeNewFile, type FileMode } from './plain-file.ts';

const remedies: Readonly<Record<string, readonly [code: string, what: string, hint: string]>> = {
  ENOSPC: [
    'disk-full',
    'the disk is full',
    'free some space, or use a folder on another disk; finished trials are safe',
  ],
  EDQUOT: [
    'disk-full',
    'the disk quota is used up',
    'free some space, or use a folder on another disk; finished trials are safe',
  ],
  EFBIG: [
    'file-too-large',
    'the file may not become larger',
    'raise the limit on file sizes (ulimit -f), or use another file system; finished trials are safe',
  ],
  EACCES: [
    'output-not-writable',
    'permission denied',
    'use another folder (gctune run --output), or fix its permissions',
  ],
  EPERM: [
    'output-not-writable',
    'operation not permitted',
    'use another folder (gctune run --output), or fix its permissions',
  ],
  EROFS: ['output-not-writable', 'the file system is read-only', 'use another folder (gctune run --output)'],
  ELOOP: ['output-not-writable', 'it is a symbolic link, which is not followed', 'remove the link'],
  ENOTDIR: ['output-not-writable', 'a part of the path is a file', 'use another folder (gctune run --output)'],
  EEXIST: [
    'output-not-writable',
    'there is a file where a folder is needed',
    'use another folder (gctune run --output)',
  ],
};

/** Turns what the file system refused into an error that says what to do; anything else passes through. */
export function diskError(error: unknown, path: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const remedy = remedies[code];
  if (remedy === undefined) return machineCondition(error) ?? error;
  return new EnvironmentError(remedy[0], `cannot write ${path}: ${remedy[1]} (${code})`, {
    hint: remedy[2],
    cause: error,
  });
}

/** Runs a write and explains its failure. */
export async function writing<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw diskError(error, path);
  }
}

/** Writes a file whole or not at all and explains its failure; see `replaceFile`. */
export async function writeAtomically(path: string, text: string, mode?: FileMode): Promise<void> {
  await writing(path, () => replaceFile(path, text, mode));
}

/** Proves that a folder can be made and written in, and leaves no trace in it. */
export async function assertWritable(folder: string): Promise<void> {
  await writing(folder, async () => {
    await mkdir(folder, { recursive: true });
    const trial = join(folder, `.${randomUUID()}.tmp`);
    await writeNewFile(trial, '');
    await rm(trial);
  });
}
