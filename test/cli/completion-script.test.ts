import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { requirement } from '../requirements.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** A folder for PATH that holds a `gctune`. */
async function onPath(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gctune-completion-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'gctune'), `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`);
  await chmod(join(folder, 'gctune'), 0o755);
  return folder;
}

test('bash completes commands, flags and choices', requirement('bash'), async (t) => {
  const script = `
    source <(gctune completion bash)
    complete_words() { COMP_WORDS=("$@"); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _gctune; echo "\${COMPREPLY[*]}"; }
    complete_words gctune va
    complete_words gctune run x --bl
    complete_words gctune report x --format ht
    complete_words gctune completion zs`;
  const PATH = `${await onPath(t)}${delimiter}${process.env['PATH'] ?? ''}`;
  const shown = execFileSync('bash', ['--norc', '-c', script], { encoding: 'utf8', env: { ...process.env, PATH } });
  assert.equal(shown, 'validate\n--blocks\nhtml\nzsh\n');
});

for (const shell of ['zsh', 'fish'] as const) {
  test(`${shell} reads its completion script`, requirement(shell), async (t) => {
    const file = join(await onPath(t), 'completion');
    await writeFile(file, execFileSync(process.execPath, [main, 'completion', shell], { encoding: 'utf8' }));
    execFileSync(shell, ['-n', file]);
  });
}
