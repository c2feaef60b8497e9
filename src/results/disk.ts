import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EnvironmentError } from '../errors.ts';

const remedies: Readonly<Record<string, readonly [code: string, what: string, hint: string]>> = {
  ENOSPC: [
    'disk-full',
    'the disk is full',
    'free some space or choose another folder with --output; finished trials are safe',
  ],
  EDQUOT: [
    'disk-full',
    'the disk quota is used up',
    'free some space or choose another folder with --output; finished trials are safe',
  ],
  EACCES: ['output-not-writable', 'permission denied', 'choose another folder with --output, or mend its permissions'],
  EPERM: [
    'output-not-writable',
    'operation not permitted',
    'choose another folder with --output, or mend its permissions',
  ],
  EROFS: ['output-not-writable', 'the file system is read-only', 'choose another folder with --output'],
  ENOTDIR: ['output-not-writable', 'a part of the path is a file', 'choose another folder with --output'],
  EEXIST: ['output-not-writable', 'a file stands where a folder is needed', 'choose another folder with --output'],
};

/** Turns what the file system refused into an error that says what to do; anything else passes through. */
export function diskError(error: unknown, path: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const remedy = remedies[code];
  if (remedy === undefined) return error;
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

/** Writes a file whole or not at all: temporary name, fsync, rename. */
export async function writeAtomically(path: string, text: string): Promise<void> {
  await writing(path, async () => {
    const temporary = `${path}.tmp`;
    try {
      const file = await open(temporary, 'w');
      try {
        await file.writeFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
      await syncFolder(dirname(path));
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  });
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

/** Proves that a folder can be made and written in, and leaves no trace in it. Returns true if it had to be made. */
export async function assertWritable(folder: string): Promise<void> {
  await writing(folder, async () => {
    await mkdir(folder, { recursive: true });
    const trial = `${folder}/.gctune-${Math.trunc(performance.now() * 1000)}.tmp`;
    const file = await open(trial, 'wx');
    await file.close();
    await rm(trial);
  });
}
