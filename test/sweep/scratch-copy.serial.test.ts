import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, chown, lstat, mkdir, readFile, readdir, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { checkCopyable, copyFolder } from '../../src/sweep/scratch-copy.ts';
import { requirement } from '../requirements.ts';
import { temporaryFolder } from '../runner/target-binary.ts';

/** A folder `from` with a file in a folder, and room for a copy. */
async function folders(t: TestContext): Promise<{ root: string; from: string; to: string }> {
  const root = await temporaryFolder();
  t.after(() => root[Symbol.asyncDispose]());
  const from = join(root.path, 'from');
  await mkdir(join(from, 'deep', 'empty'), { recursive: true });
  await writeFile(join(from, 'deep', 'file'), 'text');
  return { root: root.path, from, to: join(root.path, 'to') };
}

async function modeOf(path: string): Promise<number> {
  return (await lstat(path)).mode & 0o7777;
}

test('a copy has the same files, modes and links, and shares nothing', async (t) => {
  const { from, to } = await folders(t);
  await writeFile(join(from, 'swarm.key'), 'secret');
  await chmod(join(from, 'swarm.key'), 0o400);
  await chmod(join(from, 'deep', 'empty'), 0o1777);
  await chmod(join(from, 'deep'), 0o550);
  await symlink('deep/file', join(from, 'link'));
  await symlink('nowhere', join(from, 'dangling'));
  await chmod(from, 0o750);
  await checkCopyable(from, from);
  await copyFolder(from, to);
  assert.deepEqual(
    (await readdir(to, { recursive: true })).toSorted(),
    (await readdir(from, { recursive: true })).toSorted(),
  );
  for (const [path, mode] of [
    ['.', 0o750],
    ['swarm.key', 0o400],
    ['deep', 0o550],
    ['deep/empty', 0o1777],
  ] as const) {
    assert.equal(await modeOf(join(to, path)), mode, path);
  }
  assert.equal(await readlink(join(to, 'link')), 'deep/file');
  assert.equal(await readlink(join(to, 'dangling')), 'nowhere');
  await chmod(join(from, 'deep'), 0o750);
  await writeFile(join(from, 'deep', 'file'), 'changed');
  assert.equal(await readFile(join(to, 'link'), 'utf8'), 'text');
  await chmod(join(to, 'deep'), 0o750);
});

test('sockets are left out', async (t) => {
  const { from, to } = await folders(t);
  const server = createServer().listen(join(from, 'api.sock'));
  await new Promise((resolve) => server.once('listening', resolve));
  t.after(() => server.close());
  await checkCopyable(from, from);
  await copyFolder(from, to);
  assert.deepEqual(await readdir(to), ['deep']);
});

test('a place where something is already is not overwritten', async (t) => {
  const { from, to } = await folders(t);
  await mkdir(to);
  await assert.rejects(copyFolder(from, to), { code: 'EEXIST' });
});

test('a link out of the folder is refused, with both its ends', async (t) => {
  const { root, from } = await folders(t);
  const link = join(from, 'deep', 'link');
  for (const to of ['/etc/passwd', '../../outside', 'empty/../../../outside', join(root, 'from2')]) {
    await symlink(to, link);
    await assert.rejects(checkCopyable(from, from), (error: Error) => {
      assert.ok('code' in error && error.code === 'prepare-failed');
      assert.ok(error.message.includes('`deep/link`') && error.message.includes(`\`${to}\``), error.message);
      return true;
    });
    await rm(link);
  }
  await symlink('../deep/..', link);
  await checkCopyable(from, from);
});

test('an absolute link into the folder counts by the path under which its user sees it', async (t) => {
  const { from } = await folders(t);
  await symlink('/gctune/data/deep/file', join(from, 'link'));
  await checkCopyable(from, '/gctune/data');
  await assert.rejects(checkCopyable(from, from), { code: 'prepare-failed' });
  await assert.rejects(checkCopyable(from, '/gctune/dat'), { code: 'prepare-failed' });
});

test('root keeps the owners of files', requirement('root'), async (t) => {
  const { from, to } = await folders(t);
  await chown(join(from, 'deep', 'file'), 1234, 2345);
  await chmod(join(from, 'deep', 'file'), 0o4600);
  await chown(join(from, 'deep'), 1234, 2345);
  await checkCopyable(from, from);
  await copyFolder(from, to);
  for (const path of ['deep', 'deep/file']) {
    const { uid, gid } = await lstat(join(to, path));
    assert.deepEqual([uid, gid], [1234, 2345], path);
  }
  assert.equal(await modeOf(join(to, 'deep', 'file')), 0o4600);
  assert.equal((await lstat(to)).uid, 0);
});

test(
  "another user's files are refused to anyone but root, and the error names the users",
  requirement('root'),
  async (t) => {
    const { root, from } = await folders(t);
    await chmod(root, 0o755);
    await chown(join(from, 'deep', 'file'), 1234, 1234);
    await chown(join(from, 'deep', 'empty'), 4321, 4321);
    await chown(join(from, 'deep'), 4321, 4321);
    await chown(from, 4321, 4321);
    const module = join(import.meta.dirname, '../../src/sweep/scratch-copy.ts');
    const program = `
    const { checkCopyable } = await import(${JSON.stringify(module)});
    process.setgid(4321);
    process.setuid(4321);
    await checkCopyable(${JSON.stringify(from)}, '/x').catch((error) => console.log(error.code, error.message));
  `;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      encoding: 'utf8',
    });
    assert.equal(stderr, '');
    assert.match(stdout, /^prepare-failed .*`deep\/file` .*as user 1234, and gctune runs as user 4321/);
  },
);
