import assert from 'node:assert/strict';
import { rename } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { dockerRunner } from '../../src/runner/docker/docker-runner.ts';
import type { Daemon, Runner } from '../../src/runner/runner.ts';
import type { Artifact } from '../../src/target/artifact.ts';
import { requirement } from '../requirements.ts';
import { privateEngine, type PrivateEngine } from './private-engine.ts';
import { buildProgram, follow, requestFor, temporaryFolder, type Folder } from './target-binary.ts';

const signal = AbortSignal.timeout(300_000);
/** What stopping and cleaning up behind an engine may take at most. */
const BOUND_SECONDS = 30;

describe('an engine that is disturbed', requirement('docker', 'go', 'root'), () => {
  const runId = `disturbed-${process.pid}`;
  let engine: PrivateEngine;
  let folder: Folder;
  let target: Artifact;
  let runner: Runner;
  let prepared: AsyncDisposable;
  before(async () => {
    folder = await temporaryFolder();
    target = await buildProgram('target', folder);
    engine = await privateEngine();
    runner = dockerRunner({ engine: await engine.connect() });
    prepared = await runner.prepare(target, runId, signal);
  });
  after(async () => {
    try {
      await prepared[Symbol.asyncDispose]();
      assert.equal(await left(), '', 'nothing is left');
    } finally {
      await engine[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    }
  });

  const launch = async (abort = signal): Promise<Daemon> => {
    const daemon = await runner.launch(requestFor(target, ['serve', '{host}:{port}'], { runId, port: 'auto' }), abort);
    await follow(daemon).until('listening');
    return daemon;
  };
  const left = async (): Promise<string> => {
    const mine = ['--filter', `label=gctune.run=${runId}`];
    const found = await Promise.all([
      engine.docker('ps', '-aq', ...mine),
      engine.docker('images', '-q', ...mine),
      engine.docker('network', 'ls', '-q', ...mine),
    ]);
    return found.join('\n').trim();
  };
  const containers = async (): Promise<readonly string[]> =>
    (await engine.docker('ps', '-a', '--format', '{{.Names}} {{.State}}')).split('\n').filter(Boolean);

  test('killed and started again', async () => {
    const daemon = await launch();
    await engine.kill();
    await daemon.exited;
    assert.equal((await daemon.fault())?.code, 'docker-unreachable');
    await assert.rejects(runner.restore(target, runId, signal), { code: 'docker-unreachable' });
    await engine.start();
    assert.equal((await daemon.fault())?.code, 'docker-restarted');
    await daemon[Symbol.asyncDispose]();
    await runner.restore(target, runId, signal);
    assert.deepEqual(await containers(), []);
    const next = await launch();
    assert.equal(await next.fault(), undefined);
    await next[Symbol.asyncDispose]();
  });

  test('killed while the trial is stopped and cleaned up: what is left goes before the next', async () => {
    const daemon = await launch();
    await engine.kill();
    await daemon.stop(1);
    await daemon[Symbol.asyncDispose]();
    await engine.start();
    const next = await launch();
    assert.equal((await containers()).length, 1);
    await next[Symbol.asyncDispose]();
  });

  test('stopped as a service is', async () => {
    const daemon = await launch();
    const ends = engine.terminate();
    assert.equal((await daemon.exited).code, 0, 'it is asked to end as by a user');
    assert.equal((await daemon.fault())?.code, 'docker-unreachable');
    await ends;
    await engine.start();
    assert.equal((await daemon.fault())?.code, 'docker-restarted');
    await daemon[Symbol.asyncDispose]();
  });

  test('hung: a stop ends, and so does everything after it', async () => {
    const daemon = await launch();
    engine.hang();
    const began = performance.now();
    await Promise.all([
      assert.rejects(daemon.stop(1), { code: 'docker-unreachable' }),
      assert.rejects(async () => prepared[Symbol.asyncDispose](), /gctune\.run=disturbed/),
    ]);
    await daemon[Symbol.asyncDispose]();
    assert.ok(performance.now() - began < BOUND_SECONDS * 1000);
    engine.resume();
    await runner.restore(target, runId, signal);
    const next = await launch();
    assert.equal((await containers()).length, 1);
    await next[Symbol.asyncDispose]();
  });

  test('hung: a launch ends when it is given up', async () => {
    const abort = new AbortController();
    engine.hang();
    const began = performance.now();
    setTimeout(() => abort.abort(new Error('interrupted')), 200);
    await assert.rejects(launch(abort.signal), /interrupted/);
    assert.ok(performance.now() - began < BOUND_SECONDS * 1000);
    engine.resume();
    await sleep(500);
    await runner.restore(target, runId, signal);
    assert.deepEqual(await containers(), []);
  });

  test('out of reach: its socket is gone, the target runs on', async () => {
    const daemon = await launch();
    await rename(engine.socket, `${engine.socket}.away`);
    await assert.rejects(daemon.stop(1), { code: 'docker-unreachable' });
    await daemon[Symbol.asyncDispose]();
    await rename(`${engine.socket}.away`, engine.socket);
    await runner.restore(target, runId, signal);
    assert.deepEqual(await containers(), []);
  });
});
