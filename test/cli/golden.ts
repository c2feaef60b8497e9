import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Compares a text with `test/golden/cli/<name>`; GCTUNE_GOLDEN=write makes the file anew. */
export function matchesGolden(name: string, actual: string): void {
  const file = fileURLToPath(new URL(`../golden/cli/${name}`, import.meta.url));
  if (process.env['GCTUNE_GOLDEN'] === 'write') writeFileSync(file, actual);
  assert.ok(existsSync(file), `${file} is missing; make it with GCTUNE_GOLDEN=write and look at it`);
  assert.equal(actual, readFileSync(file, 'utf8'), `differs from ${file}`);
}
