import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { TICKS_PER_SECOND } from '../../src/linux/proc-stat.ts';

const linux = { skip: process.platform === 'linux' ? false : 'needs Linux' };

test('the ticks of /proc are what the system says they are', linux, () => {
  assert.equal(Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' })), TICKS_PER_SECOND);
});

test('one parser reads /proc/PID/stat: nobody else counts fields from the last parenthesis or asks for ticks', () => {
  const root = fileURLToPath(new URL('../../src', import.meta.url));
  const others = globSync('**/*.ts', { cwd: root })
    .filter((file) => file !== 'linux/proc-stat.ts')
    .filter((file) => /lastIndexOf\('\)'\)|CLK_TCK|TICKS_PER_SECOND = /.test(readFileSync(join(root, file), 'utf8')));
  assert.deepEqual(others, []);
});
