import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, 'golden');

/**
 * Compares a text with `test/golden/<name>`. Where they differ, what was made is put beside it as `.got-<name>`, so that
 * `diff` shows the change and `mv` accepts it; GCTUNE_GOLDEN=write accepts every change at once.
 */
export function matchesGolden(name: string, got: string): void {
  const path = join(FOLDER, name);
  const beside = path.replace(/[^/\\]*$/, (file) => `.got-${file}`);
  if (process.env['GCTUNE_GOLDEN'] === 'write') writeFileSync(path, got);
  const expected = readOrNothing(path);
  if (expected === got) {
    rmSync(beside, { force: true });
    return;
  }
  writeFileSync(beside, got);
  assert.equal(got, expected, `${name} differs; what was made is in ${beside}`);
}

/** The text of `test/golden/<name>`. */
export function goldenText(name: string): string {
  return readFileSync(join(FOLDER, name), 'utf8');
}

function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
