import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { announce, neighboursOn, neighbourWarnings } from '../../src/sweep/neighbours.ts';

const linux = { skip: process.platform === 'linux' ? false : 'needs abstract sockets' };
const source = new URL('../../src/sweep/neighbours.ts', import.meta.url).href;

/** Another process that says it measures on these CPUs, until it is killed. */
async function another(cpus: string): Promise<{ readonly pid: number; kill(): Promise<void> }> {
  const program = `import { announce } from '${source}'; await announce('${cpus}'); console.log('there'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return {
    pid: child.pid as number,
    kill: async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

// Numbers that no machine of ours has, so that no real run is among those found.
test('another gctune on one of the same CPUs is found and named, and is gone when it was killed', linux, async () => {
  await using _ = await announce('900-901');
  assert.deepEqual(await neighboursOn('900-901'), [], 'this one is no neighbour of its own');
  const other = await another('901,905');
  try {
    const found = await neighboursOn('900-901');
    assert.deepEqual(found, [{ pid: other.pid, cpus: '901,905' }]);
    assert.deepEqual(await neighboursOn('902-904'), [], 'on other CPUs it does not disturb');
    const [warning] = neighbourWarnings(found);
    assert.equal(warning?.code, 'another-gctune');
    assert.match(
      warning?.message ?? '',
      new RegExp(`process ${other.pid}\\) is measuring on CPUs 901,905 at the same time`),
    );
  } finally {
    await other.kill();
  }
  assert.deepEqual(await neighboursOn('900-901'), []);
});

test('two that announce the same, and one that cannot tell its CPUs, go on measuring', linux, async () => {
  await using first = await announce('902');
  await using second = await announce('902');
  await using third = await announce(undefined);
  assert.ok(first !== second && third !== undefined);
  assert.deepEqual(await neighboursOn(undefined), []);
});
