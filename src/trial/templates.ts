import { chown, lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { EnvironmentError } from '../errors.ts';
import type { DataFile } from '../experiment/experiment.ts';
import { readPlainFile, replaceFile, UnfitFile } from '../results/plain-file.ts';
import type { LaunchRequest } from '../runner/runner.ts';

/** More is no file that somebody wrote by hand. */
const MOST_BYTES = 4 * 2 ** 20;

/**
 * What is to be done when the ports of a program are known: the placeholders in the templates of its data folder are filled.
 * Throws EnvironmentError `bad-template`.
 */
export function templates(
  files: readonly DataFile[],
  dataDirectory: string | undefined,
): NonNullable<LaunchRequest['beforeStart']> {
  return async (fill) => {
    for (const { to, template } of files) if (template) await fillTemplate(join(dataDirectory ?? '', to), to, fill);
  };
}

async function fillTemplate(path: string, name: string, fill: (text: string) => string): Promise<void> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(readPlainFile(path, MOST_BYTES));
    const { uid, gid } = await lstat(path);
    await replaceFile(path, fill(text));
    if (process.getuid?.() === 0) await chown(path, uid, gid);
  } catch (error) {
    const what = error instanceof UnfitFile ? error.what : 'is not a text file in UTF-8';
    throw new EnvironmentError('bad-template', `the template ${name} in the data folder ${what}`, {
      hint: 'remove template: true from its entry under files, or see what the preparation made of it',
      cause: error,
    });
  }
}
