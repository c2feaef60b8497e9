import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { EnvironmentError } from '../../src/errors.ts';
import { ownCacheDirectory, ownPlace } from '../../src/target/cache-directory.ts';
import { ownFolder } from '../../src/target/own-folder.ts';
import { requirement } from '../requirements.ts';

function scratch(t: TestContext): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'gctune-test-')));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const STRANGER = 54_321;

test('a folder that is made is open to its user only, and is given by its real path', (t) => {
  const root = scratch(t);
  assert.deepEqual(ownFolder(join(root, 'a', 'b')), { folder: join(root, 'a', 'b') });
  assert.equal(statSync(join(root, 'a')).mode & 0o777, 0o700);
  symlinkSync(join(root, 'a'), join(root, 'link'));
  assert.deepEqual(ownFolder(join(root, 'link', 'b')), { folder: join(root, 'a', 'b') });
});

test('a folder that others can write to, or that lies in one, is not used, and nothing is made in it', (t) => {
  const root = scratch(t);
  const open = join(root, 'open');
  mkdirSync(open);
  chmodSync(open, 0o777);
  const problem = 'can be written by other users';
  assert.deepEqual(ownFolder(open), { folder: open, problem });
  assert.deepEqual(ownFolder(join(open, 'a')), { folder: open, problem });
  assert.ok(!existsSync(join(open, 'a')));
  chmodSync(open, 0o1777);
  assert.deepEqual(ownFolder(join(open, 'a')), { folder: join(open, 'a') }, 'as below /tmp, where nobody renames it');
  assert.deepEqual(ownFolder(open), { folder: open, problem });
  symlinkSync('/nowhere', join(root, 'dangling'));
  assert.ok('problem' in ownFolder(join(root, 'dangling')));
});

test('a folder of somebody else is not used, whatever leads to it', requirement('root'), (t) => {
  const root = scratch(t);
  const theirs = join(root, 'theirs');
  mkdirSync(join(theirs, 'gctune'), { recursive: true });
  chownSync(theirs, STRANGER, STRANGER);
  const problem = 'belongs to another user';
  assert.deepEqual(ownFolder(theirs), { folder: theirs, problem });
  assert.deepEqual(ownFolder(join(theirs, 'gctune')), { folder: theirs, problem }, 'ours, but theirs to exchange');
  assert.deepEqual(ownFolder(join(theirs, 'new')), { folder: theirs, problem });
  assert.ok(!existsSync(join(theirs, 'new')));
  symlinkSync(theirs, join(root, 'link'));
  assert.deepEqual(ownFolder(join(root, 'link')), { folder: theirs, problem });
  assert.equal(ownPlace({ GCTUNE_CACHE: theirs }, 'scratch'), undefined);
  assert.throws(
    () => ownCacheDirectory({ GCTUNE_CACHE: theirs }),
    (error) => error instanceof EnvironmentError && error.code === 'unsafe-cache' && error.message.includes(theirs),
  );
});
