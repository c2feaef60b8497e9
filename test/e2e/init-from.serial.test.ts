import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { buildHeapd, startHeapd } from '../probe/heapd.ts';
import { requirement } from '../requirements.ts';
import { gctune, root, scratch } from './gctune.ts';

const docker = (...args: readonly string[]): string => execFileSync('docker', args, { encoding: 'utf8' }).trim();

/** An image of one static program, imported so that nothing has to be fetched. */
function image(t: TestContext, folder: string, name: string, changes: readonly string[]): string {
  const reference = `gctune-test/${name}:${process.pid}`;
  const archive = join(folder, `${name}.tar`);
  execFileSync('tar', ['-cf', archive, '-C', folder, name]);
  docker('import', ...changes.flatMap((change) => ['--change', change]), archive, reference);
  const id = docker('inspect', '--format', '{{.Id}}', reference);
  t.after(() => docker('rmi', '-f', id));
  return reference;
}

/** As it was written, but for phases that a test has time for, and one trial of each of two cells. */
async function runShort(file: string, folder: string): Promise<string> {
  const text = await readFile(file, 'utf8');
  const short = text
    .replace(/phases: .*/, 'phases: { warmup: 300ms, measure: 1s }')
    .replace(/blocks: .*/, 'blocks: 1')
    .replace(/gogc: \[.*\]/, 'gogc: [80]')
    .concat('validity: { drift: 100%, achieved_rate: 1%, lateness: 5s, error_rate: 0%, retries: 0 }\n');
  await writeFile(file, short);
  const ended = await gctune(['run', file], { cwd: folder });
  assert.equal(ended.code, 0, ended.stderr);
  return ended.stderr;
}

test('from a process: on a free port and as it was started, while it goes on', requirement('go'), async (t) => {
  const folder = await scratch(t);
  const program = await buildHeapd(folder);
  await using heapd = await startHeapd(program, ['--live', '2MiB'], {
    GOGC: '80',
    DB_PASSWORD: 'hunter2hunter2',
    HOME: '/',
  });
  const file = join(folder, 'e.yaml');
  const written = await gctune(['init', file, '--from-pid', String(heapd.pid)]);
  assert.equal(written.code, 0, written.stderr);
  const text = await readFile(file, 'utf8');
  assert.match(text, /baseline: \{ gogc: 80 \}/);
  assert.match(text, /# Left out, because they look like secrets: DB_PASSWORD/);
  assert.match(text, /ready: \{ http: \/healthz, within: 60s \}/);
  // It listens on port 0, which no argument names.
  assert.match(text, new RegExp(`port: ${heapd.address.port}\\n`));
  assert.ok(!`${text}${written.stderr}`.includes('hunter2'));
  assert.equal((await gctune(['validate', file])).code, 0);
  const again = await gctune(['init', file, '--from-pid', String(heapd.pid)]);
  assert.deepEqual([again.code, /already exists/.test(again.stderr)], [2, true]);
});

test('from what is no Go program, or is not there, it is refused by how that was seen', async (t) => {
  const folder = await scratch(t);
  const refused = async (...args: readonly string[]): Promise<string> => {
    const { code, stderr } = await gctune(['init', join(folder, 'e.yaml'), ...args]);
    assert.ok(code === 2 || code === 3, stderr);
    return stderr;
  };
  assert.match(await refused('--from-pid', String(process.pid)), /runs ".*node", which has no build info of Go in it/);
  assert.match(await refused('--from-pid', '4194304'), /there is no process 4194304/);
  assert.match(await refused('--from-compose', join(folder, 'no.yaml'), 'api'), /there is no file/);
  assert.match(await refused('--from-compose', 'a'), /a value is missing|Not enough/);
  assert.match(
    await refused('--from-pid', '1', '--from-image', 'x'),
    /only one of --from-pid, --from-image can be given/,
  );
  assert.deepEqual(await readdir(folder), []);
});

test(
  'from a container: what its image does not say, a copy of its data, and no secret',
  requirement('docker', 'go', 'root'),
  async (t) => {
    const folder = await scratch(t);
    await buildHeapd(folder);
    const name = `gctune-test-init-${process.pid}`;
    // Before the image of it.
    t.after(() => docker('rm', '-f', name));
    const reference = image(t, folder, 'heapd', ['ENTRYPOINT ["/heapd"]', 'EXPOSE 8080', 'ENV LEVEL=info']);
    await mkdir(join(folder, 'state'));
    await writeFile(join(folder, 'state', 'seed'), '1');
    docker(
      'run',
      '-d',
      '--name',
      name,
      '--label',
      'x=a\nrunner: process',
      '-e',
      'LEVEL=debug',
      '-e',
      'API_TOKEN=hunter2hunter2',
      '-e',
      'GOGC=80',
      '--cpus',
      '0.5',
      '--memory',
      '256m',
      '--user',
      '0:0',
      '-v',
      `${join(folder, 'state')}:/state`,
      '-v',
      '/var/run/docker.sock:/docker.sock',
      reference,
      '--listen=:8080',
      '--live',
      '2MiB',
    );
    const file = join(folder, 'e.yaml');
    const written = await gctune(['init', file, '--from-container', name]);
    assert.equal(written.code, 0, written.stderr);
    const text = await readFile(file, 'utf8');
    assert.match(text, /args: \["?--listen=:8080"?, --live, "2MiB"\]\n {2}env:\n {4}LEVEL: debug\n/);
    assert.match(text, /user: "0:0"\n {4}mounts: \{ \/state: state \}\n/);
    assert.match(text, /# Not carried over: the bind at \/docker\.sock: it is a socket/);
    assert.match(text, /limits: \{ cpus: 0\.5, memory: 256MiB \}/);
    assert.match(text, /baseline: \{ gogc: 80 \}/);
    assert.match(text, /secrets: API_TOKEN/);
    assert.ok(!`${text}${written.stderr}`.includes('hunter2'));
    const stderr = await runShort(file, folder);
    assert.match(stderr, /\d trials in 1 block on docker/);
  },
);

test(
  'from a Compose file: the service with the one that it needs, run as it was written',
  requirement('docker', 'go', 'root'),
  async (t) => {
    const folder = await scratch(t);
    await cp(join(root, 'test/fixtures/compose'), folder, { recursive: true });
    await buildHeapd(folder);
    const store = image(t, folder, 'heapd', ['ENTRYPOINT ["/heapd"]']);
    // gctune keeps what it builds of a Dockerfile under a name of its path.
    const tag = createHash('sha256').update(join(folder, 'api/Dockerfile')).digest('hex').slice(0, 12);
    t.after(() => docker('rmi', '-f', `gctune/build:${tag}`));
    const env = { CGO_ENABLED: '0', GOFLAGS: '', GOTOOLCHAIN: 'local' };
    execFileSync('go', ['build', '-o', 'api', '.'], { cwd: join(folder, 'api'), env: { ...process.env, ...env } });
    const compose = join(folder, 'compose.yaml');
    await writeFile(compose, (await readFile(compose, 'utf8')).replace('gctune-test/compose-store', store));
    const file = join(folder, 'e.yaml');
    const written = await gctune(['init', file, '--from-compose', compose, 'api']);
    assert.equal(written.code, 0, written.stderr);
    assert.match(await readFile(file, 'utf8'), /compose: \{ file: "\.\/compose\.yaml", service: api \}/);
    // Its health check asks the store, and reads the file that it was given.
    const stderr = await runShort(file, folder);
    assert.match(stderr, /\d trials in 1 block on docker/);
  },
);
