import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EnvironmentError, UserError } from '../../src/errors.ts';
import type { RealTargetSource } from '../../src/experiment/experiment.ts';
import { processRunner } from '../../src/runner/process/process-runner.ts';
import type { Artifact } from '../../src/target/artifact.ts';
import { requirement } from '../requirements.ts';
import { scratch, writeHello } from '../target/hello.ts';
import { moduleProxy, setEnv } from '../target/module-proxy.ts';

const module: RealTargetSource = {
  kind: 'module',
  package: 'example.com/daemon',
  version: 'v1.0.0',
  replaces: [],
  flags: [],
};

async function obtain(source: RealTargetSource, folder: string): Promise<Artifact> {
  return processRunner().obtain(source, {
    env: { GCTUNE_CACHE: folder },
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
}

test('a module is built for the machine it runs on', requirement('go'), async (t) => {
  const proxy = await moduleProxy(t);
  const files = { 'go.mod': 'module example.com/daemon\n', 'main.go': 'package main\n\nfunc main() {}\n' };
  await proxy.publish('example.com/daemon', 'v1.0.0', files);
  const folder = await scratch(t);
  const artifact = await obtain(module, folder);
  assert.ok(artifact.reference.startsWith(folder), artifact.reference);
  assert.match(artifact.description, /^example\.com\/daemon@v1\.0\.0, built with go1\./);
});

test('without go, a package and a module name every way out', async (t) => {
  const folder = await scratch(t);
  const directory = await writeHello(folder);
  setEnv(t, { PATH: folder });
  for (const source of [module, { kind: 'package', directory, flags: [] } as const]) {
    await assert.rejects(obtain(source, folder), (error) => {
      assert.ok(error instanceof EnvironmentError && error.code === 'go-missing', String(error));
      assert.match(error.hint ?? '', /install Go.*`binary:`.*`image:`.*quickstart/);
      return true;
    });
  }
});

test('an image needs an engine', async (t) => {
  await assert.rejects(obtain({ kind: 'image', reference: 'daemon' }, await scratch(t)), (error) => {
    assert.ok(error instanceof UserError && error.diagnostics[0]?.code === 'needs-docker', String(error));
    assert.match(error.diagnostics[0]?.hint ?? '', /`package:`, `module:` or `binary:`/);
    return true;
  });
});
