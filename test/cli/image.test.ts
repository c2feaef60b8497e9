import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { program } from '../../src/program.ts';
import { scratch } from '../e2e/gctune.ts';
import { requirement } from '../requirements.ts';
import { fakeIo } from './fake-io.ts';

test('gctune image names what it has written', requirement('go'), async (t) => {
  const cwd = await scratch(t);
  const io = fakeIo({ cwd, env: process.env });
  assert.equal(
    await program(['image', 'pods.tar', '--name', 'registry.example.org:5000/team/gctune:v1', '--json'], io),
    0,
  );
  const { file, id, name, agentDigest } = JSON.parse(io.written.stdout) as Readonly<Record<string, unknown>>;
  assert.deepEqual([file, name], [join(cwd, 'pods.tar'), 'registry.example.org:5000/team/gctune:v1']);
  for (const digest of [id, agentDigest]) assert.match(String(digest), /^sha256:[0-9a-f]{64}$/);
  assert.deepEqual(await readdir(cwd), ['pods.tar']);
});

test('gctune image refuses a name that no engine takes, and a folder that is not there', async (t) => {
  const cwd = await scratch(t);
  const refused = async (...args: readonly string[]): Promise<readonly [number, string]> => {
    const io = fakeIo({ cwd, env: process.env });
    return [await program(['image', ...args], io), io.written.stderr];
  };
  for (const name of ['gctune', 'Gctune:1', 'gctune:', 'a b:1', '-x:1']) {
    const [code, said] = await refused(`--name=${name}`);
    assert.equal(code, 2, name);
    assert.match(said, /--name: ".*" is not the name of an image with a tag \[bad-image-name\]/);
  }
  const [code, said] = await refused('none/pods.tar');
  assert.equal(code, 2);
  assert.match(said, /there is no folder .*none to write the image into \[no-folder\]/);
  assert.deepEqual(await readdir(cwd), []);
});
