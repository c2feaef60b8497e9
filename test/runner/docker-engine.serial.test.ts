import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import Docker from 'dockerode';
import { execa } from 'execa';
import { chooseRunner } from '../../src/runner/choose-runner.ts';
import { checkEngine, findEngine } from '../../src/runner/docker/engine.ts';
import { dockerRunner } from '../../src/runner/docker/docker-runner.ts';
import { RUNNERS, type RunnerRegistry } from '../../src/runner/runners.ts';
import { requirement } from '../requirements.ts';
import { NO_LIMITS, temporaryFolder, type Folder } from './target-binary.ts';

/** An engine behind a socket in a folder. */
const engineAt = (socketPath: string): { docker: Docker; endpoint: string } => ({
  docker: new Docker({ socketPath }),
  endpoint: socketPath,
});

/** The runners, with the engine behind a socket. */
const withEngine = (socketPath: string): RunnerRegistry => ({
  ...RUNNERS,
  docker: () => dockerRunner({ engine: engineAt(socketPath) }),
});

/** Something that answers on a socket as an engine of some version does, or that never answers. */
async function fakeEngine(
  folder: Folder,
  answers: Readonly<Record<string, unknown>> | 'never',
): Promise<Server & { path: string }> {
  const path = join(folder.path, 'engine.sock');
  const server = createServer((request, response) => {
    if (answers !== 'never') response.end(JSON.stringify(answers[request.url ?? ''] ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return Object.assign(server, { path });
}

const INFO = {
  OSType: 'linux',
  MemoryLimit: true,
  SwapLimit: true,
  CpuCfsQuota: true,
  CPUSet: true,
  CgroupDriver: 'systemd',
};

test('no engine: its socket is named and what else can be done', async () => {
  await using folder = await temporaryFolder();
  const engine = engineAt(join(folder.path, 'absent.sock'));
  const [check, ...more] = await checkEngine(engine);
  assert.deepEqual([check?.id, check?.status, more], ['docker-engine', 'fail', []]);
  assert.match(check?.message ?? '', /absent\.sock/);
  assert.match(check?.remedy ?? '', /runner: process/);
  await assert.rejects(dockerRunner({ engine }).admit(NO_LIMITS, undefined), { code: 'docker-absent' });
  await assert.rejects(dockerRunner({ engine }).reap(), { code: 'docker-absent' });
});

test('a socket that nobody listens on is unreachable', async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, 'stale.sock');
  // A process that is killed leaves its socket file behind.
  const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  await execa(process.execPath, ['-e', script], { reject: false });
  const [check] = await checkEngine(engineAt(path));
  assert.equal(check?.status, 'fail');
  assert.match(check?.message ?? '', /does not answer \(ECONNREFUSED\)/);
});

test('an engine that takes too long is unreachable, and auto does without it', async () => {
  await using folder = await temporaryFolder();
  const server = await fakeEngine(folder, 'never');
  try {
    const [check] = await checkEngine(engineAt(server.path), 0.05);
    assert.match(check?.message ?? '', /no answer in time/);
    const { runner, why } = await chooseRunner('auto', withEngine(server.path));
    assert.equal(runner.name, 'process');
    assert.match(why, /no usable container engine: .*no answer in time/);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test('an engine that stops to answer in the middle of a pull is given up', async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, 'engine.sock');
  const server = createServer((request, response) => {
    if (request.url?.endsWith('/json') === true) response.writeHead(404).end('{}');
    if (request.url?.startsWith('/images/create') === true) response.write('{"status":"Pulling"}\n');
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const said: string[] = [];
  const context = {
    env: process.env,
    signal: AbortSignal.timeout(30_000),
    onProgress: (line: string) => said.push(line),
  };
  try {
    const runner = dockerRunner({ engine: await findEngine({ DOCKER_HOST: `unix://${path}` }) });
    await assert.rejects(runner.obtain({ kind: 'image', reference: 'big:1' }, context), { code: 'docker-unreachable' });
    assert.deepEqual(said, ['pulling big:1']);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test('a socket that this user may not use: the group docker is the remedy', requirement('root'), async () => {
  await using folder = await temporaryFolder();
  const server = await fakeEngine(folder, { '/version': {} });
  await execa('chmod', ['711', folder.path]);
  await execa('chmod', ['600', server.path]);
  const module = JSON.stringify(join(import.meta.dirname, '../../src/runner/docker/engine.ts'));
  const script = `
    const { checkEngine, findEngine } = await import(${module});
    console.log(JSON.stringify(await checkEngine(await findEngine())));`;
  try {
    const { stdout } = await execa(process.execPath, ['--input-type=module', '-e', script], {
      uid: 65_534,
      gid: 65_534,
      cwd: '/',
      env: { DOCKER_HOST: `unix://${server.path}` },
    });
    const [check] = JSON.parse(stdout) as { status: string; message: string; remedy: string }[];
    assert.equal(check?.status, 'fail');
    assert.match(check?.message ?? '', /may not use the container engine/);
    assert.match(check?.remedy ?? '', /usermod -aG docker/);
  } finally {
    server.close();
  }
});

test('an engine that is too old is refused with its version, one without abilities warned of', async () => {
  await using folder = await temporaryFolder();
  const versions = { '/version': { Version: '19.03.1', ApiVersion: '1.40' }, '/info': { ...INFO, SwapLimit: false } };
  const server = await fakeEngine(folder, versions);
  try {
    const checks = await checkEngine(engineAt(server.path));
    assert.deepEqual(
      checks.map(({ id, status }) => [id, status]),
      [
        ['docker-engine', 'fail'],
        ['docker-limits', 'warn'],
      ],
    );
    assert.match(checks[0]?.message ?? '', /19\.03\.1 has API 1\.40, and 1\.41/);
    assert.match(checks[1]?.message ?? '', /swap/);
    await assert.rejects(chooseRunner('docker', withEngine(server.path)), { code: 'docker-unusable' });
    const limits = { ...NO_LIMITS, memoryBytes: 2 ** 26 };
    const warnings = await dockerRunner({ engine: engineAt(server.path) }).admit(limits, undefined);
    assert.deepEqual(
      warnings.map(({ code }) => code),
      ['swap-not-limited'],
    );
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test('the engine is found as the docker command finds it', async () => {
  await using folder = await temporaryFolder();
  const meta = join(folder.path, 'contexts', 'meta', createHash('sha256').update('elsewhere').digest('hex'));
  await mkdir(meta, { recursive: true });
  await writeFile(
    join(meta, 'meta.json'),
    JSON.stringify({ Name: 'elsewhere', Endpoints: { docker: { Host: 'unix:///run/elsewhere.sock' } } }),
  );
  await writeFile(join(folder.path, 'config.json'), JSON.stringify({ currentContext: 'elsewhere' }));
  const endpoint = async (env: NodeJS.ProcessEnv): Promise<string> => (await findEngine(env)).endpoint;
  assert.equal(await endpoint({ DOCKER_CONFIG: folder.path }), 'unix:///run/elsewhere.sock');
  assert.equal(await endpoint({ DOCKER_CONFIG: folder.path, DOCKER_CONTEXT: 'default' }), '/var/run/docker.sock');
  assert.equal(
    await endpoint({ DOCKER_CONFIG: folder.path, DOCKER_HOST: 'tcp://192.0.2.1:2375' }),
    'tcp://192.0.2.1:2375',
  );
  const { docker } = await findEngine({ DOCKER_CONFIG: folder.path });
  assert.equal((docker.modem as { socketPath?: string }).socketPath, '/run/elsewhere.sock');
});

test('auto takes the engine that is there and says which', requirement('docker'), async () => {
  const { runner, why } = await chooseRunner('docker');
  assert.deepEqual([runner.name, why], ['docker', 'requested']);
  assert.deepEqual(
    (await runner.check()).filter(({ status }) => status === 'fail'),
    [],
  );
  const auto = await chooseRunner('auto');
  assert.equal(auto.runner.name, 'docker');
  assert.match(auto.why, /^a container engine answers \(engine \d/);
  assert.deepEqual(await chooseRunner('process').then((chosen) => [chosen.runner.name, chosen.why]), [
    'process',
    'requested',
  ]);
});
