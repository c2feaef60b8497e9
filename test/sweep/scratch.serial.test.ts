import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { makeScratch, reapFolders } from '../../src/sweep/scratch.ts';

test('a scratch folder goes with all that is in it when disposed of', async () => {
  const scratch = await makeScratch(`test-scratch-${process.pid}`);
  await mkdir(join(scratch.folder, 'deep', 'er'), { recursive: true });
  await writeFile(join(scratch.folder, 'deep', 'er', 'file'), '', { mode: 0o400 });
  await scratch[Symbol.asyncDispose]();
  assert.ok(!existsSync(scratch.folder));
  await scratch[Symbol.asyncDispose]();
});

test('after kill -9 the scratch folder is reaped with the copies in it, and not before', async () => {
  const runId = `test-scratch-killed-${process.pid}`;
  const program = join(import.meta.dirname, 'abandon-preparation.ts');
  const child = spawn(process.execPath, [program, runId], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const [copy] = (await Promise.race([
    once(createInterface(child.stdout), 'line'),
    ended.then(() => assert.fail('it ended')),
  ])) as [string];
  const folder = dirname(dirname(copy));
  assert.ok(existsSync(join(copy, 'file')));
  assert.deepEqual(await reapFolders(runId), [], 'its owner lives');
  child.kill('SIGKILL');
  await ended;
  const expected = [{ kind: 'directory', id: folder, runId }];
  assert.deepEqual(await reapFolders(`${runId}-other`), []);
  assert.ok(existsSync(copy));
  assert.deepEqual(await reapFolders(runId), expected);
  assert.ok(!existsSync(folder));
  assert.deepEqual(await reapFolders(runId), []);
});
