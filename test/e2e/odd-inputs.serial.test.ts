import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { requirement } from '../requirements.ts';
import { main, root, scratch } from './gctune.ts';

function gctune(...args: readonly string[]): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    encoding: 'utf8',
    timeout: 30_000,
    killSignal: 'SIGKILL',
  });
  return { status, said: stdout + stderr };
}

test('a pipe without a writer, a device and a file beyond its limit are refused before they are read', async (t) => {
  const folder = await scratch(t);
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const large = join(folder, 'large');
  writeFileSync(large, '');
  truncateSync(large, 3 * 2 ** 30);
  for (const command of [['validate'], ['plan'], ['run'], ['explain', '--memstats'], ['profile']]) {
    for (const file of [pipe, '/dev/zero', large]) {
      const { status, said } = gctune(...command, file);
      assert.equal(status, 2, `${command.join(' ')} ${file}: ${said}`);
      assert.match(said, file === large ? /is larger than \d+ MiB/ : /is not a regular file/);
    }
  }
});

test('what a shell gives as <(…) is read', requirement('bash'), () => {
  const line = `"$0" "$1" validate <(cat "$2")`;
  const demo = join(root, 'experiments/demo.yaml');
  assert.equal(spawnSync('bash', ['-c', line, process.execPath, main, demo]).status, 0);
});
