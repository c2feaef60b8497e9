import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import Docker from 'dockerode';
import { dockerRunner } from '../../src/runner/docker/docker-runner.ts';
import { MARKS, ownerMark } from '../../src/runner/owner.ts';
import { leftoverWarnings } from '../../src/sweep/leftovers.ts';
import { gctune } from '../e2e/gctune.ts';
import { requirement } from '../requirements.ts';

/** The mark of a gctune of this machine that has ended. */
async function deadOwner(): Promise<string> {
  const [, , ...place] = (await ownerMark()).split(':');
  return ['1', '0', ...place].join(':');
}

/** An environment with places of its own, so that only what the test makes is found in them. */
function places(t: TestContext): { env: Record<string, string>; cache: string; temporary: string } {
  const folder = mkdtempSync(join(tmpdir(), 'gctune-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [cache, temporary] = [join(folder, 'cache'), join(folder, 'tmp')];
  mkdirSync(cache, { mode: 0o700 });
  mkdirSync(temporary, { mode: 0o700 });
  return { env: { GCTUNE_CACHE: cache, TMPDIR: temporary, DOCKER_HOST: 'unix:///nonexistent' }, cache, temporary };
}

test('what is left is told in words: what still runs first', () => {
  const warnings = leftoverWarnings([
    { kind: 'cgroup', id: '/a', runId: 'r' },
    { kind: 'cgroup', id: '/b', runId: 'r' },
    { kind: 'process', id: '12', runId: 'r', cpus: '1' },
    { kind: 'container', id: 'c', runId: 's' },
  ]);
  assert.deepEqual(
    warnings.map(({ message }) => message),
    [
      '1 program of the killed run r still runs on CPU 1 (pid 12), where measurements suffer from it; `gctune clean` ends it',
      'killed runs left 2 control groups and 1 container behind; `gctune clean` removes them',
    ],
  );
  assert.deepEqual(leftoverWarnings([]), []);
});

test('an engine that hangs delays the look at what is left by no more than its time', async (t) => {
  const { temporary } = places(t);
  const socketPath = join(temporary, 'engine');
  const hanging = createServer((socket) => t.after(() => socket.destroy())).listen(socketPath);
  await once(hanging, 'listening');
  t.after(() => hanging.close());
  const began = performance.now();
  const runner = dockerRunner({ engine: { docker: new Docker({ socketPath }), endpoint: socketPath } });
  assert.deepEqual(await runner.leftovers(0.5), []);
  assert.ok(performance.now() - began < 10_000);
});

describe('what a dead gctune left', requirement('root'), () => {
  test('doctor notices it, clean removes it: programs, records, folders of steps and of builds', async (t) => {
    const { env, cache, temporary } = places(t);
    const owner = await deadOwner();
    const build = join(cache, 'builds', `.${owner.replaceAll(':', '_')}.00000000-0000-4000-8000-000000000000`);
    mkdirSync(join(build, '.tmp'), { recursive: true });
    mkdirSync(join(temporary, 'gctune-scratch-x'));
    writeFileSync(join(temporary, 'gctune-scratch-x', '.gctune-owner.json'), JSON.stringify({ runId: 'gone', owner }));
    const marked = spawn('sleep', ['600'], {
      env: { [MARKS.env.run]: 'gone', [MARKS.env.trial]: 'prepare', [MARKS.env.owner]: owner },
      detached: true,
      stdio: 'ignore',
    });
    t.after(() => marked.kill('SIGKILL'));
    // One that has no marks, and a record of it; garbage beside it.
    const bare = spawn('sleep', ['600'], { env: {}, detached: true, stdio: 'ignore' });
    t.after(() => bare.kill('SIGKILL'));
    await sleep(50);
    const start = execFileSync('awk', ['{print $22}', `/proc/${bare.pid}/stat`], { encoding: 'utf8' }).trim();
    mkdirSync(join(cache, 'processes'), { mode: 0o700 });
    const head = JSON.stringify({ runId: 'gone', owner });
    // The last line was cut short: 1 is not the pid that was meant.
    writeFileSync(join(cache, 'processes', 'a.ledger'), `${head}\n${bare.pid} ${start}\n${process.pid} 1\n1`);
    for (const [name, text] of Object.entries({ 'b.ledger': 'null\n', 'c.ledger': '', 'd.ledger': '{"runId":5}\n' })) {
      writeFileSync(join(cache, 'processes', name), text);
    }
    const doctor = await gctune(['doctor', '--json'], { env });
    const { checks } = JSON.parse(doctor.stdout) as { checks: { id: string; status: string; message: string }[] };
    const check = checks.find(({ id }) => id === 'leftovers');
    assert.equal(check?.status, 'warn');
    assert.match(check?.message ?? '', /2 programs of the killed run gone still run on CPU .* \(pid \d+, \d+\)/);
    assert.match(check?.message ?? '', /2 folders/);

    const cleaned = await gctune(['clean', '--json'], { env });
    assert.equal(cleaned.code, 0, cleaned.stderr);
    const { removed } = JSON.parse(cleaned.stdout) as { removed: { kind: string; id: string }[] };
    const ids = removed.map(({ id }) => id);
    for (const id of [`${marked.pid}`, `${bare.pid}`, build, join(temporary, 'gctune-scratch-x')]) {
      assert.ok(ids.includes(id), `${id} in ${cleaned.stdout}`);
    }
    assert.ok(!existsSync(build) && !existsSync(join(cache, 'processes', 'a.ledger')));
    await sleep(50);
    assert.deepEqual([marked.signalCode, bare.signalCode], ['SIGKILL', 'SIGKILL']);
  });

  test('a folder that cannot be removed is told with exit code 3 and keeps no other', async (t) => {
    const { env, temporary } = places(t);
    const owner = await deadOwner();
    const folders = ['a', 'b', 'c'].map((name) => join(temporary, `gctune-scratch-${name}`));
    for (const folder of folders) {
      mkdirSync(folder);
      writeFileSync(join(folder, '.gctune-owner.json'), JSON.stringify({ runId: 'gone', owner }));
    }
    mkdirSync(join(folders[0] ?? '', 'mounted'));
    execFileSync('mount', ['-t', 'tmpfs', 'none', join(folders[0] ?? '', 'mounted')]);
    const unmount = (): void => void execFileSync('umount', [join(folders[0] ?? '', 'mounted')]);
    try {
      const cleaned = await gctune(['clean'], { env });
      assert.equal(cleaned.code, 3);
      assert.match(cleaned.stderr, /directory .*gctune-scratch-a is still there: .*EBUSY/);
      assert.deepEqual(
        folders.map((folder) => existsSync(folder)),
        [true, false, false],
      );
    } finally {
      unmount();
    }
  });
});
