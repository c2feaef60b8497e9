import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { EnvironmentError, UserError } from '../../src/errors.ts';
import { findNpmFile } from '../../src/target/npm-path.ts';
import { scratch } from './hello.ts';

test('a file is found in a package that does not export it, by the names Node.js gives to platforms', async (t) => {
  const folder = await scratch(t);
  for (const name of ['@some/tool-win32-x64', '@some/tool-linux-arm64', 'plain']) {
    await mkdir(join(folder, 'node_modules', name), { recursive: true });
    const manifest = JSON.stringify({ name, version: '1.2.3', exports: {} });
    await writeFile(join(folder, 'node_modules', name, 'package.json'), manifest);
  }
  const from = pathToFileURL(join(folder, 'deep', 'er', 'module.js')).href;
  const specifier = 'npm:@some/tool-{platform}-{arch}/bin/tool';
  assert.deepEqual(await findNpmFile(specifier, { os: 'linux', arch: 'arm64' }, from), {
    path: join(folder, 'node_modules/@some/tool-linux-arm64/bin/tool'),
    package: '@some/tool-linux-arm64 1.2.3',
  });
  assert.equal(
    (await findNpmFile(specifier, { os: 'windows', arch: 'amd64' }, from)).path,
    join(folder, 'node_modules/@some/tool-win32-x64/bin/tool.exe'),
  );
  assert.equal(
    (await findNpmFile('npm:plain/tool', { os: 'linux', arch: 'amd64' }, from)).path,
    join(folder, 'node_modules/plain/tool'),
  );
  await assert.rejects(findNpmFile(specifier, { os: 'darwin', arch: 'arm64' }, from), (error) => {
    assert.ok(error instanceof EnvironmentError);
    assert.equal(error.code, 'package-missing');
    assert.match(error.message, /@some\/tool-darwin-arm64/);
    return true;
  });
});

test('what is no file of a package is refused', async () => {
  const wrong = [
    'npm:',
    'npm:plain',
    'npm:@scope/plain',
    'npm:../x/y',
    'npm:plain/../../etc/passwd',
    'npm:/etc/passwd',
  ];
  for (const specifier of wrong) {
    await assert.rejects(findNpmFile(specifier, { os: 'linux', arch: 'amd64' }), UserError, specifier);
  }
});
