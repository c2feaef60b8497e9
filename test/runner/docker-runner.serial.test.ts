import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { chmod, readdir, writeFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import Docker from 'dockerode';
import { dockerRunner } from '../../src/runner/docker/docker-runner.ts';
import type { Artifact } from '../../src/target/artifact.ts';
import { requirement } from '../requirements.ts';
import { buildProgram, follow, NO_LIMITS, requestFor, temporaryFolder, texts, type Folder } from './target-binary.ts';

const signal = AbortSignal.timeout(300_000);
const runId = `test docker $HOME "${process.pid}"`;

/** Everything that this test's process owns in the engine, by its mark. */
async function leftovers(docker: Docker): Promise<readonly string[]> {
  const filters = { label: ['gctune.owner'] };
  const found = await Promise.all([
    docker.listContainers({ all: true, filters }),
    docker.listImages({ filters }),
    docker.listNetworks({ filters }),
  ]);
  return found
    .flat()
    .filter(({ Labels }) => Labels?.['gctune.owner']?.startsWith(`${process.pid}:`))
    .map(({ Id }) => Id);
}

describe('docker runner', requirement('docker', 'go'), () => {
  const docker = new Docker();
  const runner = dockerRunner();
  let folder: Folder;
  let target: Artifact;
  let prepared: AsyncDisposable;
  const request = (
    args: readonly string[],
    more: Parameters<typeof requestFor>[2] = {},
  ): ReturnType<typeof requestFor> => requestFor(target, args, { runId, ...more });

  before(async () => {
    folder = await temporaryFolder();
    target = await buildProgram('target', folder);
    prepared = await runner.prepare(target, runId, signal);
  });
  after(async () => {
    await prepared[Symbol.asyncDispose]();
    assert.deepEqual(await leftovers(docker), [], 'no container, image or network is left behind');
    await folder[Symbol.asyncDispose]();
  });

  test('can be reached from this machine only, is the Go process itself, and is removed when disposed of', async () => {
    const daemon = await runner.launch(request(['serve', '{host}:{port}'], { port: 'auto' }), signal);
    const output = follow(daemon);
    await output.until('listening');
    const { host, port } = daemon.address ?? assert.fail('no address');
    assert.equal(await (await fetch(`http://${host}:${port}/`)).text(), 'hello');
    const [container] = await docker.listContainers({ filters: { label: [`gctune.run=${runId}`] } });
    const inside = Object.values(container?.NetworkSettings.Networks ?? {})[0]?.IPAddress;
    assert.deepEqual([host, port], [inside, 8080], "without the engine's proxy between");
    const published = container?.Ports[0] ?? assert.fail('nothing is published');
    assert.deepEqual([published.IP, published.PrivatePort], ['127.0.0.1', 8080]);
    assert.equal(await (await fetch(`http://127.0.0.1:${published.PublicPort}/`)).text(), 'hello');
    for (const { address } of Object.values(networkInterfaces()).flatMap((list) => list ?? [])) {
      if (address.includes(':') || address.startsWith('127.')) continue;
      assert.equal(await answers(address, published.PublicPort), false, `${address} does not answer`);
    }
    assert.equal(readFileSync(`/proc/${daemon.pid}/comm`, 'utf8').trim(), 'target');
    assert.ok(readFileSync(`${daemon.cgroup?.memory}/cgroup.procs`, 'utf8').split('\n').includes(String(daemon.pid)));
    const stats = (await daemon.engineStats?.(signal)) as { memory_stats: { usage: number } };
    assert.ok(stats.memory_stats.usage > 0);
    const exit = await daemon.stop(10);
    assert.deepEqual([exit.code, exit.signal, exit.oomKilled], [0, null, false]);
    assert.ok((exit.cpuSeconds ?? 0) > 0 && (exit.peakBytes ?? 0) > 0);
    assert.ok(texts(await output.rest(), 'stdout').includes('bye'));
    await daemon[Symbol.asyncDispose]();
    await daemon[Symbol.asyncDispose]();
    assert.equal(daemon.pid, undefined);
    const containers = await docker.listContainers({ all: true, filters: { label: [`gctune.run=${runId}`] } });
    assert.deepEqual(containers, []);
  });

  test('delivers every line of a target that ends at once', async () => {
    await using daemon = await runner.launch(request(['quick', '3']), signal);
    const lines = await follow(daemon).rest();
    assert.deepEqual(texts(lines, 'stdout'), ['first', 'last, without a line end']);
    assert.deepEqual(texts(lines, 'stderr'), ['problem']);
    assert.equal((await daemon.exited).code, 3);
  });

  test('delivers many lines in order, across the frames of the stream', async () => {
    await using daemon = await runner.launch(request(['many', '20000']), signal);
    const lines = texts(await follow(daemon).rest(), 'stdout');
    assert.deepEqual(
      lines,
      Array.from({ length: 20_000 }, (_, index) => `line ${index}`),
    );
  });

  test('passes environment and arguments as they are', async () => {
    const args = ['$(id)', '`id`', 'a b', '', "'", '; exit 7', '*', '--'];
    await using daemon = await runner.launch(request(['args', ...args]), signal);
    assert.deepEqual((await follow(daemon).rest())[0]?.text.split('\x1f'), args);
    await using second = await runner.launch(request(['env'], { env: { GOGC: '25', ODD: 'a=b "$HOME"' } }), signal);
    const env = (await follow(second).rest())
      .map(({ text }) => text)
      .join('\n')
      .split('\x1f');
    assert.ok(env.includes('GOGC=25') && env.includes('ODD=a=b "$HOME"'));
  });

  test('kills a target that ignores SIGTERM once the grace period is over', async () => {
    await using daemon = await runner.launch(request(['stubborn']), signal);
    await follow(daemon).until('ready');
    const exit = await daemon.stop(0.1);
    assert.deepEqual([exit.code, exit.signal, exit.oomKilled], [137, 'SIGKILL', false]);
  });

  test('has no capabilities, gains none, has no network without a port, and its limits are in force', async () => {
    const limits = { cpus: 0.5, memoryBytes: 64 * 2 ** 20, pids: 77, pin: true, required: true };
    assert.deepEqual(await runner.admit(limits, '0'), []);
    await using daemon = await runner.launch(request(['wait'], { limits, cpuset: '0' }), signal);
    await follow(daemon).until('ready');
    const status = readFileSync(`/proc/${daemon.pid}/status`, 'utf8');
    assert.match(status, /^CapEff:\s*0+$/m);
    assert.match(status, /^CapBnd:\s*0+$/m);
    assert.match(status, /^NoNewPrivs:\s*1$/m);
    assert.match(status, /^Cpus_allowed_list:\s*0$/m);
    const { HostConfig } = await docker
      .getContainer((await docker.listContainers({ filters: { label: [`gctune.run=${runId}`] } }))[0]?.Id ?? '')
      .inspect();
    assert.equal(HostConfig.NetworkMode, 'none');
    const { Memory, MemorySwap, NanoCpus, PidsLimit, ReadonlyRootfs } = HostConfig;
    assert.deepEqual([Memory, MemorySwap, NanoCpus, PidsLimit, ReadonlyRootfs], [2 ** 26, 2 ** 26, 5e8, 77, true]);
  });

  test('the work folder can be read and not written; of the rest only /tmp can be written', async () => {
    const file = join(folder.path, 'input');
    await writeFile(file, 'contents', { mode: 0o600 });
    await chmod(folder.path, 0o700);
    const before = await readdir(folder.path);
    await using daemon = await runner.launch(request(['read', '{work}/input'], { workDirectory: folder.path }), signal);
    const lines = texts(await follow(daemon).rest(), 'stdout');
    assert.equal(lines[0], 'contents <nil>');
    assert.match(lines[1] ?? '', /read-only file system/);
    assert.equal(lines[2], 'tmp: <nil>');
    assert.match(lines[3] ?? '', /read-only file system/);
    assert.deepEqual(await readdir(folder.path), before);
  });

  test('going over the memory limit is told as oom-killed', async () => {
    const limits = { ...NO_LIMITS, memoryBytes: 32 * 2 ** 20 };
    await using daemon = await runner.launch(request(['eat', '128'], { limits }), signal);
    const exit = await daemon.exited;
    assert.deepEqual([exit.code, exit.signal, exit.oomKilled], [137, 'SIGKILL', true]);
  });

  test('a container that somebody else removes, pauses or disconnects is a fault; one that is stopped is not', async () => {
    const disturbed = async (
      what: (container: Docker.Container, network: Docker.Network) => Promise<unknown>,
    ): Promise<string | undefined> => {
      await using daemon = await runner.launch(request(['serve', '{host}:{port}'], { port: 'auto' }), signal);
      await follow(daemon).until('listening');
      const [container] = await docker.listContainers({ filters: { label: [`gctune.run=${runId}`] } });
      const [network = ''] = Object.keys(container?.NetworkSettings.Networks ?? {});
      await what(docker.getContainer(container?.Id ?? ''), docker.getNetwork(network));
      const fault = await daemon.fault();
      await daemon.stop(1);
      return fault?.code;
    };
    assert.equal(await disturbed((container) => container.remove({ force: true })), 'container-removed');
    assert.equal(await disturbed((container) => container.pause()), 'container-paused');
    const disconnected = await disturbed(async ({ id }, network) => {
      await network.disconnect({ Container: id, Force: true });
      await network.remove();
    });
    assert.equal(disconnected, 'network-removed');
    assert.equal(await disturbed((container) => container.stop()), undefined);
    assert.equal(await disturbed((container) => container.kill()), undefined);
  });

  test('an image and a network that were removed are made again, a container that is left goes', async () => {
    const daemon = await runner.launch(request(['serve', '{host}:{port}'], { port: 'auto' }), signal);
    const [image] = await docker.listImages({ filters: { label: [`gctune.run=${runId}`] } });
    // While it is in use, it stays.
    await runner.restore(target, runId, signal);
    assert.equal((await docker.listContainers({ filters: { label: [`gctune.run=${runId}`] } })).length, 1);
    await daemon[Symbol.asyncDispose]();
    await docker.getImage(image?.RepoTags?.[0] ?? '').remove();
    for (const { Id } of await docker.listNetworks({ filters: { label: [`gctune.run=${runId}`] } }))
      await docker.getNetwork(Id).remove();
    await assert.rejects(runner.launch(request(['wait']), signal), { code: 'docker-refused' });
    await runner.restore(target, runId, signal);
    await using again = await runner.launch(request(['serve', '{host}:{port}'], { port: 'auto' }), signal);
    await follow(again).until('listening');
  });

  test('a run that is gone on with replaces the image that was left of it', async () => {
    await runner.prepare(target, runId, signal);
    const images = await docker.listImages({ filters: { label: [`gctune.run=${runId}`] } });
    assert.equal(images.length, 1);
  });

  test('a launch that is aborted at any time leaves no container', async () => {
    const list = (): Promise<unknown[]> =>
      docker.listContainers({ all: true, filters: { label: [`gctune.run=${runId}`] } });
    const reason = new Error('interrupted');
    await assert.rejects(runner.launch(request(['wait']), AbortSignal.abort(reason)), reason);
    const abort = new AbortController();
    const launching = runner.launch(request(['wait']), abort.signal);
    while ((await list()).length === 0);
    abort.abort(reason);
    // It may have been started by then; whoever gets it disposes of it.
    await launching.then(
      (daemon) => daemon[Symbol.asyncDispose](),
      (error: unknown) => assert.equal(error, reason),
    );
    assert.deepEqual(await list(), []);
  });

  test('refuses limits above the machine, and warns where they are optional', async () => {
    const limits = { ...NO_LIMITS, cpus: 4096 };
    await assert.rejects(runner.admit(limits, undefined), { code: 'limit-not-enforceable' });
    const warnings = await runner.admit({ ...limits, required: false }, undefined);
    assert.deepEqual(
      warnings.map(({ code }) => code),
      ['limit-not-enforced'],
    );
    await assert.rejects(runner.admit(NO_LIMITS, '4095'), { code: 'limit-not-enforceable' });
  });

  test('refuses a binary of another architecture before anything is made', async () => {
    const settings = { GOOS: 'linux', GOARCH: process.arch === 'arm64' ? 'amd64' : 'arm64' };
    const other = { ...target, buildInfo: { ...target.buildInfo, settings } };
    await assert.rejects(runner.prepare(other, runId, signal), { code: 'wrong-architecture' });
  });
});

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2000 });
    const finish = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => finish(true));
    socket.once('timeout', () => finish(false));
    socket.once('error', () => finish(false));
  });
}
