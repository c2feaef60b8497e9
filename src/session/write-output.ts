import { resolve } from 'node:path';
import { EnvironmentError } from '../errors.ts';
import { Interruption } from '../cli/io.ts';
import { tryNamedFile, UnfitFile, writeNamedFile, writeNamedPieces } from '../results/plain-file.ts';

/** Writes what `--output`, or another flag, asks for, in the file as the user named it; returns its path. Throws EnvironmentError `output-not-writable`. */
export async function writeOutput(text: string, named: string, cwd: string, flag = '--output'): Promise<string> {
  const path = resolve(cwd, named);
  await explained(named, flag, () => writeNamedFile(path, text));
  return path;
}

/** Throws what `writeOutput` would throw, before the work is done whose answer is to be written. */
export async function assertOutput(named: string, cwd: string, flag = '--output'): Promise<void> {
  await explained(named, flag, () => tryNamedFile(resolve(cwd, named)));
}

/** As `writeOutput`, of what comes in pieces: the file is replaced once all are written. */
export async function writeOutputPieces(
  pieces: Iterable<Uint8Array | string>,
  named: string,
  cwd: string,
): Promise<void> {
  await explained(named, '--output', () => writeNamedPieces(resolve(cwd, named), pieces));
}

async function explained(named: string, flag: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (error instanceof Interruption) throw error;
    const reason =
      error instanceof UnfitFile ? `it ${error.what}` : error instanceof Error ? error.message : String(error);
    throw new EnvironmentError('output-not-writable', `${named} cannot be written: ${reason}`, {
      hint: `choose another place with ${flag}`,
      cause: error,
    });
  }
}
