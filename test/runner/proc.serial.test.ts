import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { processStartUnixSeconds } from '../../src/runner/proc.ts';

const linux = { skip: process.platform === 'linux' ? false : 'needs Linux' };

test('/proc tells when a process began', linux, async () => {
  const before = Date.now() / 1000;
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'inherit'] });
  await once(child, 'spawn');
  const after = Date.now() / 1000;
  const start = (await processStartUnixSeconds(child.pid ?? 0)) ?? assert.fail('no start');
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.ok(start >= before - 0.05 && start <= after + 0.05, `${before} ${start} ${after}`);
  assert.equal(await processStartUnixSeconds(2 ** 30), undefined);
});
