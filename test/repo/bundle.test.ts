import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '../..');
const main = join(root, 'dist/main.js');
const built = { skip: existsSync(main) ? false : 'there is no dist: npm run build' };

test(
  'no package of the bundle asks for a module of Node in a way that a bundle has not: it has to be external',
  built,
  () => {
    const asking = globSync('dist/**/*.js', { cwd: root }).filter((file) =>
      readFileSync(join(root, file), 'utf8').includes('Dynamic require of'),
    );
    assert.deepEqual(asking, [], 'see `external` in scripts/build.ts');
  },
);

test('the bundle loads what a command loads when it is called', built, (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'gctune-bundle-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const kubeconfig = JSON.stringify({
    clusters: [{ name: 'a', cluster: { server: 'https://127.0.0.1:9' } }],
    users: [{ name: 'a', user: { token: 'x' } }],
    contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
    'current-context': 'a',
  });
  const file = join(folder, 'config');
  writeFileSync(file, kubeconfig);
  const { status, stderr } = spawnSync(process.execPath, [main, 'clean', '--on', 'kubernetes'], {
    env: { ...process.env, KUBECONFIG: file, CI: 'true' },
    encoding: 'utf8',
  });
  assert.equal(status, 3, stderr);
  assert.match(stderr, /127\.0\.0\.1:9 cannot be reached/);
});
