import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { processIdentity, whyReplaced } from '../../src/probe/process-identity.ts';

const linux = { skip: process.platform === 'linux' ? false : 'needs /proc' };

/** A shell that executes something when it is told to; under one number throughout. */
async function shell(exec: string, look: (pid: number) => Promise<void>, told: () => Promise<void>): Promise<void> {
  const child = spawn('sh', ['-c', `echo ready; read go; exec ${exec}`], { stdio: ['pipe', 'pipe', 'ignore'] });
  try {
    await once(child.stdout, 'data');
    await look(child.pid as number);
    child.stdin.write('go\n');
    await once(child.stdout, 'data');
    await told();
  } finally {
    child.kill('SIGKILL');
  }
}

test('a process that goes on is the same, however often it is looked at', linux, async () => {
  const [first, later] = [await processIdentity(process.pid), await processIdentity(process.pid)];
  assert.ok(first?.program !== undefined && first.stack !== undefined);
  assert.equal(whyReplaced(first, later), undefined);
});

test('a program that executes itself anew is told, although number, start and program stay', linux, async () => {
  let pid = 0;
  let first: Awaited<ReturnType<typeof processIdentity>>;
  await shell(
    `sh -c 'echo again; read more'`,
    async (its) => {
      pid = its;
      first = await processIdentity(its);
    },
    async () => {
      const later = await processIdentity(pid);
      assert.equal(first?.startTicks, later?.startTicks);
      assert.equal(first?.program, later?.program);
      assert.match(whyReplaced(first, later) ?? '', /re-executed itself/);
    },
  );
});

test('another program under the same number is told', linux, async () => {
  let pid = 0;
  let first: Awaited<ReturnType<typeof processIdentity>>;
  await shell(
    `"${process.execPath}" -e 'console.log(1); setInterval(() => {}, 1000)'`,
    async (its) => {
      pid = its;
      first = await processIdentity(its);
    },
    async () => assert.match(whyReplaced(first, await processIdentity(pid)) ?? '', /another program/),
  );
});

test('a number that was used again is told; where nothing can be seen, nothing is said', () => {
  const one = { startTicks: 100, stack: '7', program: '1:2' };
  assert.match(whyReplaced(one, { ...one, startTicks: 200 }) ?? '', /another process now has its id/);
  assert.equal(whyReplaced(one, { startTicks: 100, stack: undefined, program: undefined }), undefined);
  assert.equal(whyReplaced(one, undefined), undefined);
});
