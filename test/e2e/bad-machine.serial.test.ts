import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { requirement } from '../requirements.ts';
import { type Ended, gctune, leftovers, root, scratch } from './gctune.ts';

const heapd = join(root, 'experiments/targets/heapd');

/** An experiment of one short block, with parts replaced. */
function experiment(parts: { readonly target?: string; readonly more?: string }): string {
  return `name: bad-machine
target:
${parts.target ?? `  package: ${heapd}\n  args: [--listen, "{host}:{port}"]\n  port: auto\n  ready: { http: /healthz, within: 20s }`}
runner: process
matrix: { gogc: [100] }
workloads: { steady: { http: { path: /work, rate: 50/s } } }
phases: { warmup: 200ms, measure: 500ms }
validity: { drift: 100%, lateness: 500ms, achieved_rate: 50% }
blocks: 1
${parts.more ?? ''}`;
}

async function refused(
  t: TestContext,
  text: string,
  expected: { readonly code: number; readonly says: readonly RegExp[] },
  env: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
): Promise<Ended> {
  const folder = await scratch(t);
  const file = join(folder, 'experiment.yaml');
  await writeFile(file, text);
  const results = join(folder, 'results');
  const ended = await gctune(['run', file, '--output', results, ...args], { env });
  assert.equal(ended.code, expected.code, ended.stderr);
  for (const pattern of expected.says) assert.match(ended.stderr, pattern);
  assert.doesNotMatch(ended.stderr, /\n\s+at .*\.[tj]s:/, 'no stack for what is wrong with the machine');
  assert.deepEqual(await readdir(results).catch(() => []), [], 'no run folder is left');
  assert.deepEqual(await leftovers(), []);
  return ended;
}

async function goProgram(t: TestContext, source: string): Promise<string> {
  const folder = join(await scratch(t), 'program');
  await mkdir(folder);
  await writeFile(join(folder, 'go.mod'), 'module example.test/program\n\ngo 1.19\n');
  await writeFile(join(folder, 'main.go'), source);
  return folder;
}

const serving = (folder: string, within = '5s'): string =>
  `  package: ${folder}\n  args: ["{host}:{port}"]\n  port: auto\n  ready: { http: /healthz, within: ${within} }`;

test('a target that does not build shows the compiler’s words', requirement('go'), async (t) => {
  const folder = await goProgram(t, 'package main\n\nfunc main() { undefinedThing() }\n');
  await refused(t, experiment({ target: serving(folder) }), {
    code: 3,
    says: [/undefined: undefinedThing/, /main\.go:3/],
  });
});

test('a target that exits at once shows the end of its log', requirement('go'), async (t) => {
  const folder = await goProgram(
    t,
    'package main\n\nimport ("fmt"; "os")\n\nfunc main() { fmt.Fprintln(os.Stderr, "cannot open the database"); os.Exit(7) }\n',
  );
  await refused(t, experiment({ target: serving(folder) }), { code: 3, says: [/code 7/, /cannot open the database/] });
});

test('a target that never becomes ready is given up after the time it was given', requirement('go'), async (t) => {
  const folder = await goProgram(
    t,
    'package main\n\nimport ("fmt"; "time")\n\nfunc main() { fmt.Println("still thinking"); time.Sleep(time.Hour) }\n',
  );
  await refused(t, experiment({ target: serving(folder, '1s') }), {
    code: 3,
    says: [/not ready within 1 s/, /still thinking/, /target\.ready/],
  });
});

test('a target that is not a Go program is refused', async (t) => {
  await refused(
    t,
    experiment({
      target: `  binary: ${process.execPath}\n  port: 8080\n  ready: { http: /, within: 1s }\n  args: ["{port}"]`,
    }),
    {
      code: 2,
      says: [/not one built by Go/],
    },
  );
});

test('a target built for another architecture is refused, naming both', requirement('go'), async (t) => {
  const other = process.arch === 'arm64' ? 'amd64' : 'arm64';
  const folder = await goProgram(t, 'package main\n\nfunc main() {}\n');
  const binary = join(folder, 'foreign');
  execFileSync('go', ['build', '-o', binary, '.'], {
    cwd: folder,
    env: { ...process.env, GOARCH: other, CGO_ENABLED: '0', GOFLAGS: '' },
  });
  await refused(
    t,
    experiment({ target: `  binary: ${binary}\n  port: auto\n  args: ["{port}"]\n  ready: { http: /, within: 1s }` }),
    {
      code: 3,
      says: [new RegExp(other)],
    },
  );
});

test('a port in use is named', requirement('go'), async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.after(() => server.close());
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const target = `  package: ${heapd}\n  args: [--listen, "{host}:{port}"]\n  port: ${port}\n  ready: { http: /healthz, within: 5s }`;
  await refused(t, experiment({ target }), { code: 3, says: [new RegExp(`\\b${port}\\b`), /in use/, /auto/] });
});

test('an engine that does not answer is named where Docker was asked for', async (t) => {
  await refused(
    t,
    experiment({}),
    { code: 3, says: [/Docker/i, /runner: process/] },
    { DOCKER_HOST: 'tcp://127.0.0.1:1' },
    ['--runner', 'docker'],
  );
});

test('a socket without permission is named', requirement('root'), async (t) => {
  const folder = await scratch(t);
  const socket = join(folder, 'docker.sock');
  const server = createServer().listen(socket);
  await new Promise((resolve) => server.once('listening', resolve));
  t.after(() => server.close());
  await chmod(socket, 0o600);
  await chmod(folder, 0o755);
  const file = join(folder, 'experiment.yaml');
  await writeFile(file, experiment({}), { mode: 0o644 });
  // root may open any socket: the check runs as nobody, on whose behalf the user would see this
  const command = [
    process.execPath,
    join(root, 'src/main.ts'),
    'run',
    file,
    '--runner',
    'docker',
    '--output',
    '/tmp/gctune-nobody',
  ];
  const readable =
    execCode('setpriv', [
      '--reuid=65534',
      '--regid=65534',
      '--clear-groups',
      'test',
      '-r',
      join(root, 'src/main.ts'),
    ]) === 0;
  if (!readable) return t.skip('the checkout is not readable for another user');
  const result = execResult('setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', ...command], {
    DOCKER_HOST: `unix://${socket}`,
    HOME: '/tmp',
  });
  assert.equal(result.code, 3, result.stderr);
  assert.match(result.stderr, /may not use the container engine/);
  assert.match(result.stderr, /group docker/);
  assert.deepEqual(await leftovers(), []);
});

test('an output folder that cannot be written is refused', requirement('go'), async (t) => {
  const folder = await scratch(t);
  await writeFile(join(folder, 'file'), '');
  const file = join(folder, 'experiment.yaml');
  await writeFile(file, experiment({}));
  const ended = await gctune(['run', file, '--output', join(folder, 'file/results')]);
  assert.equal(ended.code, 3, ended.stderr);
  assert.match(ended.stderr, /file\/results/);
  assert.match(ended.stderr, /--output/);
  assert.deepEqual(await leftovers(), []);
});

test(
  'a disk that stays full ends the run with exit 8 and says how it goes on; what was finished is kept and can be reported',
  requirement('go', 'root'),
  async (t) => {
    const folder = await scratch(t);
    const results = join(folder, 'small');
    await mkdir(results);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=600k', 'tmpfs', results]);
    let mounted = true;
    const unmount = (): void => {
      if (mounted) execFileSync('umount', [results]);
      mounted = false;
    };
    try {
      const file = join(folder, 'experiment.yaml');
      await writeFile(
        file,
        experiment({
          more: 'sampling: { outside: 100/s, inside: 50/s }\npolicy: { retries: 1, wait: 100ms }\n',
        }).replace('blocks: 1', 'blocks: 40'),
      );
      const ended = await gctune(['run', file, '--output', results]);
      assert.equal(ended.code, 8, ended.stderr);
      assert.match(ended.stderr, /disk is full/);
      assert.match(ended.stderr, /gctune resume /);
      const [run] = (await readdir(results)).filter((name) => name.startsWith('bad-machine'));
      assert.ok(run !== undefined, 'the run folder is kept');
      const report = await gctune(['report', join(results, run), '--format', 'text']);
      assert.equal(report.code, 0, report.stderr);
      assert.match(report.stdout, /RssAnon|memory/i);
      assert.deepEqual(await leftovers(), []);
    } finally {
      unmount();
    }
  },
);

test(
  'another gctune on the same CPUs is told at the start and in the report',
  process.platform === 'linux' ? requirement('go') : { skip: 'needs abstract sockets' },
  async (t) => {
    const neighbours = new URL('../../src/sweep/neighbours.ts', import.meta.url).href;
    const program = `import { announce } from '${neighbours}'; await announce('0-63'); console.log('there'); setInterval(() => {}, 1000);`;
    const other = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    t.after(() => other.kill('SIGKILL'));
    await once(other.stdout, 'data');
    const folder = await scratch(t);
    const file = join(folder, 'experiment.yaml');
    await writeFile(file, experiment({}));
    const ended = await gctune(['run', file, '--output', join(folder, 'results')]);
    assert.equal(ended.code, 0, ended.stderr);
    const said = new RegExp(`another gctune \\(process ${other.pid}\\) is measuring on CPUs 0-63 at the same time`);
    assert.match(ended.stderr.split('block 1')[0] ?? '', said);
    assert.match(ended.stdout, said);
  },
);

test('without Go and without Docker the error names both remedies and the quickstart', async (t) => {
  const folder = await scratch(t);
  const began = performance.now();
  const ended = await gctune(['run', join(root, 'experiments/gogc-sweep.yaml'), '--output', folder], {
    env: { PATH: dirname(process.execPath), DOCKER_HOST: 'tcp://127.0.0.1:1', XDG_CACHE_HOME: folder },
  });
  t.diagnostic(`it took ${Math.round(performance.now() - began)} ms`);
  assert.equal(ended.code, 3, ended.stderr);
  assert.match(ended.stderr, /Go/);
  assert.match(ended.stderr, /Docker/);
  assert.match(ended.stderr, /quickstart/);
});

function execCode(program: string, args: readonly string[]): number {
  return execResult(program, args, {}).code;
}

function execResult(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): { code: number; stderr: string } {
  try {
    execFileSync(program, args, {
      env: { ...process.env, CI: 'true', NO_COLOR: '1', ...env },
      stdio: 'pipe',
      encoding: 'utf8',
      cwd: '/tmp',
    });
    return { code: 0, stderr: '' };
  } catch (error) {
    const failed = error as { status?: number; stderr?: string };
    return { code: failed.status ?? -1, stderr: failed.stderr ?? String(error) };
  }
}
