import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '../golden/report');

/**
 * Compares a text with the file of that name under test/golden/report. On a mismatch writes `.got-<name>` beside it, so
 * that `mv` accepts the change and `diff` shows it.
 */
export async function matchesGolden(name: string, got: string): Promise<void> {
  const path = join(FOLDER, name);
  const beside = join(FOLDER, `.got-${name}`);
  const expected = await readFile(path, 'utf8').catch(() => undefined);
  if (expected === got) {
    await rm(beside, { force: true });
    return;
  }
  await writeFile(beside, got);
  assert.equal(got, expected, `${name} differs; what was made is in ${beside}`);
}

/** The text of a file under test/golden/report. */
export async function goldenText(name: string): Promise<string> {
  return readFile(join(FOLDER, name), 'utf8');
}
