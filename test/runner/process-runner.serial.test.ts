import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { cgroupMounts } from '../../src/runner/cgroup-mounts.ts';
import { findGroups } from '../../src/runner/cgroup.ts';
import { ownerMark } from '../../src/runner/owner.ts';
import { processRunner } from '../../src/runner/process/process-runner.ts';
import type { Artifact } from '../../src/target/artifact.ts';
import { ownPlace } from '../../src/target/cache-directory.ts';
import { requirement } from '../requirements.ts';
import { buildProgram, follow, NO_LIMITS, requestFor, temporaryFolder, texts, type Folder } from './target-binary.ts';

const signal = AbortSignal.timeout(120_000);
/** A mount where nothing can be made: the state of a user without rights, for a test that runs as root. */
const NOT_PERMITTED = {
  version: 1,
  controllers: Object.fromEntries(
    ['memory', 'cpu', 'cpuacct', 'pids'].map((name) => [name, { root: '/proc/self', own: '/proc/self' }]),
  ),
} as const;

function lives(pid: number): boolean {
  const state = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8') : '';
  return state !== '' && !state.includes(') Z ');
}

/** Records of processes of this test's runs. */
function ledgers(): readonly string[] {
  const place = ownPlace(process.env, 'processes') ?? '';
  return readdirSync(place).filter((name) => readFileSync(`${place}/${name}`, 'utf8').includes(`test-${process.pid}`));
}

async function ownGroups(): Promise<readonly string[]> {
  const mounts = await cgroupMounts();
  return mounts === undefined ? [] : findGroups(`gctune@${await ownerMark()}`, mounts);
}

describe('process runner', requirement('go'), () => {
  let folder: Folder;
  let target: Artifact;
  before(async () => {
    folder = await temporaryFolder();
    target = await buildProgram('target', folder);
  });
  after(async () => {
    assert.deepEqual(await ownGroups(), [], 'no cgroup is left behind');
    await folder[Symbol.asyncDispose]();
  });

  test('starts the target itself, reachable at the filled-in address, and stops it', async () => {
    await using daemon = await processRunner().launch(
      requestFor(target, ['serve', '{host}:{port}'], { port: 'auto' }),
      signal,
    );
    const output = follow(daemon);
    await output.until('listening');
    const { host, port } = daemon.address ?? assert.fail('no address');
    assert.equal(host, '127.0.0.1');
    assert.equal(await (await fetch(`http://${host}:${port}/`)).text(), 'hello');
    assert.equal(readFileSync(`/proc/${daemon.pid}/comm`, 'utf8').trim(), 'target');
    assert.ok(Math.abs((daemon.startUnixSeconds ?? 0) - Date.now() / 1000) < 60);
    const exit = await daemon.stop(10);
    assert.deepEqual([exit.code, exit.signal, exit.oomKilled], [0, null, false]);
    assert.equal(daemon.pid, undefined);
    assert.ok(texts(await output.rest(), 'stdout').includes('bye'));
  });

  test('delivers every line of a target that ends at once', async () => {
    await using daemon = await processRunner().launch(requestFor(target, ['quick', '3']), signal);
    const lines = await follow(daemon).rest();
    assert.deepEqual(texts(lines, 'stdout'), ['first', 'last, without a line end']);
    assert.deepEqual(texts(lines, 'stderr'), ['problem']);
    assert.equal((await daemon.exited).code, 3);
  });

  test('delivers many lines in order', async () => {
    await using daemon = await processRunner().launch(requestFor(target, ['many', '20000']), signal);
    const lines = texts(await follow(daemon).rest(), 'stdout');
    assert.deepEqual(
      lines,
      Array.from({ length: 20_000 }, (_, index) => `line ${index}`),
    );
  });

  test('gives the target the asked environment and nothing of ours but the least', async () => {
    process.env['GCTUNE_TEST_SECRET'] = 'secret';
    await using daemon = await processRunner().launch(
      requestFor(target, ['env'], { env: { GOGC: '25', ODD: 'a=b c\n"$HOME"' } }),
      signal,
    );
    const text = (await follow(daemon).rest()).map((line) => line.text).join('\n');
    const env: Record<string, string | undefined> = Object.fromEntries(
      text
        .split('\x1f')
        .map((each): [string, string] => [each.split('=', 1)[0] ?? '', each.slice(each.indexOf('=') + 1)]),
    );
    assert.deepEqual(
      Object.keys(env)
        .filter((name) => !['PATH', 'HOME', 'TMPDIR'].includes(name))
        .toSorted(),
      ['GCTUNE_OWNER', 'GCTUNE_RUN', 'GCTUNE_TRIAL', 'GOGC', 'ODD'],
    );
    assert.deepEqual([env['GOGC'], env['ODD']], ['25', 'a=b c\n"$HOME"']);
  });

  test('variables that a shell uses itself arrive as they were asked for', async () => {
    const odd = {
      PWD: '/elsewhere',
      OLDPWD: '/x',
      SHLVL: '7',
      _: 'mine',
      IFS: 'z',
      PS4: '$(id)',
      left: '1',
      GCTUNE_LEFT: '9',
    };
    await using daemon = await processRunner().launch(requestFor(target, ['env'], { env: odd }), signal);
    const text = (await follow(daemon).rest()).map((line) => line.text).join('\n');
    const found = text.split('\x1f').filter((each) => Object.hasOwn(odd, each.split('=', 1)[0] ?? ''));
    assert.deepEqual(
      found.toSorted(),
      Object.entries(odd)
        .map(([name, value]) => `${name}=${value}`)
        .toSorted(),
    );
  });

  test('passes arguments as they are: no shell reads them', async () => {
    const args = ['$(id)', '`id`', 'a b', '', "'", '; exit 7', '*', '--'];
    await using daemon = await processRunner().launch(requestFor(target, ['args', ...args]), signal);
    assert.deepEqual((await follow(daemon).rest())[0]?.text.split('\x1f'), args);
  });

  test('kills a target that ignores SIGTERM once the grace period is over', async () => {
    await using daemon = await processRunner().launch(requestFor(target, ['stubborn']), signal);
    await follow(daemon).until('ready');
    const exit = await daemon.stop(0.1);
    assert.deepEqual([exit.code, exit.signal, exit.oomKilled], [null, 'SIGKILL', false]);
  });

  test('ends what the target started, wherever it went', async () => {
    const root = process.getuid?.() === 0;
    for (const [options, args] of [
      [{}, ['fork']],
      [{ cgroups: 'none' }, ['fork']],
      // Its environment is empty and its parent has ended when the target does.
      [{ cgroups: 'none' }, ['stray', '300']],
      ...(root ? ([[{}, ['stray', '300', 'leaves']]] as const) : []),
    ] as const) {
      const daemon = await processRunner(options).launch(requestFor(target, args), signal);
      const child = Number((await follow(daemon).until('child')).split(' ')[1]);
      await sleep(500);
      assert.ok(lives(child), 'it is not ended by losing its parent');
      await daemon[Symbol.asyncDispose]();
      await daemon[Symbol.asyncDispose]();
      assert.ok(!lives(child), `${args.join(' ')} of ${JSON.stringify(options)}`);
    }
    assert.deepEqual(ledgers(), [], 'no record of processes is left behind');
  });

  test('ends what the target started where it ends by itself', async () => {
    const runner = processRunner({ cgroups: 'none' });
    await using daemon = await runner.launch(requestFor(target, ['stray', '60000']), signal);
    const child = Number((await follow(daemon).until('child')).split(' ')[1]);
    await sleep(250);
    process.kill(daemon.pid ?? 0, 'SIGKILL');
    assert.equal((await daemon.exited).signal, 'SIGKILL');
    assert.ok(!lives(child));
  });

  test('a target that the kernel does not let go is told, not waited for', requirement('root'), async (t) => {
    const freezer = `/sys/fs/cgroup/freezer/gctune-test-${process.pid}`;
    if (!existsSync('/sys/fs/cgroup/freezer/tasks')) return t.skip('needs the freezer of cgroup version 1');
    mkdirSync(freezer);
    const daemon = await processRunner().launch(requestFor(target, ['wait']), signal);
    await follow(daemon).until('ready');
    writeFileSync(`${freezer}/cgroup.procs`, String(daemon.pid));
    writeFileSync(`${freezer}/freezer.state`, 'FROZEN');
    const began = performance.now();
    await assert.rejects(daemon.stop(0.1), { code: 'not-killable' });
    await daemon[Symbol.asyncDispose]();
    assert.ok(performance.now() - began < 30_000);
    writeFileSync(`${freezer}/freezer.state`, 'THAWED');
    await daemon.exited;
    rmdirSync(freezer);
  });

  test('refuses a port that is taken and says who holds it', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    try {
      await assert.rejects(processRunner().launch(requestFor(target, ['wait'], { port }), signal), (error: Error) => {
        assert.ok('code' in error && error.code === 'port-in-use');
        assert.match(error.message, new RegExp(`Port ${port} .* in use by .+ \\(process ${process.pid}\\)`));
        return true;
      });
    } finally {
      server.close();
    }
  });

  test('refuses a program of another architecture, a missing one and a file that is no program', async () => {
    const launch = (artifact: Artifact): Promise<unknown> => processRunner().launch(requestFor(artifact, []), signal);
    const settings = { GOOS: 'linux', GOARCH: process.arch === 'arm64' ? 'amd64' : 'arm64' };
    await assert.rejects(launch({ ...target, buildInfo: { ...target.buildInfo, settings } }), {
      code: 'wrong-architecture',
    });
    await assert.rejects(launch({ ...target, reference: '/nonexistent/target' }), { code: 'target-missing' });
    await assert.rejects(launch({ ...target, reference: import.meta.filename }), { code: 'target-missing' });
    await assert.rejects(launch({ ...target, kind: 'image' }), { code: 'needs-docker' });
  });

  test('keeps the target on the CPUs that were chosen', requirement('root'), async () => {
    await using daemon = await processRunner().launch(requestFor(target, ['wait'], { cpuset: '0' }), signal);
    await follow(daemon).until('ready');
    assert.match(readFileSync(`/proc/${daemon.pid}/status`, 'utf8'), /^Cpus_allowed_list:\s*0$/m);
  });

  test('a memory limit is in force, and going over it is told as oom-killed', requirement('root'), async () => {
    const limits = { ...NO_LIMITS, memoryBytes: 32 * 2 ** 20 };
    assert.deepEqual(await processRunner().admit(limits, undefined), []);
    await using daemon = await processRunner().launch(requestFor(target, ['eat', '128'], { limits }), signal);
    const exit = await daemon.exited;
    assert.deepEqual([exit.code, exit.signal, exit.oomKilled], [null, 'SIGKILL', true]);
    // The kernel lets a charge go over by a page or so before it acts; the target asked for 128 MiB.
    assert.ok((exit.peakBytes ?? 0) > 16 * 2 ** 20 && (exit.peakBytes ?? 0) < 40 * 2 ** 20, `peak ${exit.peakBytes}`);
  });

  test('a fraction of a CPU is enforced by quota: throttling shows', requirement('root'), async () => {
    const limits = { ...NO_LIMITS, cpus: 0.1 };
    await using daemon = await processRunner().launch(requestFor(target, ['spin', '100'], { limits }), signal);
    await follow(daemon).until('spun');
    const throttled = /^nr_throttled (\d+)/m.exec(readFileSync(`${daemon.cgroup?.cpu}/cpu.stat`, 'utf8'))?.[1];
    assert.ok(Number(throttled) > 0, `${throttled} periods were throttled`);
    const exit = await daemon.stop(10);
    assert.ok((exit.cpuSeconds ?? 0) > 0.05, `${exit.cpuSeconds} CPU seconds`);
  });

  test('refuses limits that it may not enforce, or warns where they are optional', async () => {
    const runner = processRunner({ cgroups: NOT_PERMITTED });
    for (const limits of [
      { ...NO_LIMITS, cpus: 0.5 },
      { ...NO_LIMITS, memoryBytes: 2 ** 26 },
    ]) {
      await assert.rejects(runner.admit(limits, undefined), (error: Error) => {
        assert.ok('code' in error && error.code === 'limit-not-enforceable');
        assert.ok('hint' in error && /runner: docker.*root.*limits\.required: false/.test(String(error.hint)));
        return true;
      });
      await assert.rejects(runner.launch(requestFor(target, ['wait'], { limits }), signal), {
        code: 'limit-not-enforceable',
      });
      const optional = { ...limits, required: false };
      assert.deepEqual(
        (await runner.admit(optional, undefined)).map(({ code }) => code),
        ['limit-not-enforced'],
      );
      await using daemon = await runner.launch(requestFor(target, ['quick', '0'], { limits: optional }), signal);
      assert.equal((await daemon.exited).code, 0);
    }
    assert.deepEqual(await runner.admit({ ...NO_LIMITS, cpus: 1 }, undefined), [], 'a whole CPU needs no cgroup');
    await assert.rejects(runner.admit({ ...NO_LIMITS, cpus: 4096 }, undefined), { code: 'limit-not-enforceable' });
    await assert.rejects(runner.admit(NO_LIMITS, '4095'), { code: 'limit-not-enforceable' });
  });

  test('without taskset and control groups it still runs, and says what is missing', async () => {
    const runner = processRunner({ cgroups: 'none', taskset: 'none' });
    assert.deepEqual(
      (await runner.check()).map(({ id, status }) => [id, status]),
      [
        ['process-limits', 'warn'],
        ['taskset', 'warn'],
      ],
    );
    await using daemon = await runner.launch(requestFor(target, ['wait']), signal);
    await follow(daemon).until('ready');
    assert.equal(daemon.cgroup, undefined);
    assert.equal((await daemon.stop(10)).code, 0);
  });

  test('two targets can be together where each has a port of its own, and not on the same one', async () => {
    const runner = processRunner();
    const request = requestFor(target, ['serve', '{host}:{port}'], { port: 'auto', together: true });
    await using companion = await runner.launch(request, signal);
    await using daemon = await runner.launch(request, signal);
    for (const each of [companion, daemon]) {
      await follow(each).until('listening');
      assert.equal(each.inside?.host, each.address?.host);
    }
    assert.notEqual(companion.address?.port, daemon.address?.port);
    await using alone = await runner.launch(requestFor(target, ['wait']), signal);
    assert.equal(alone.inside, undefined);
    const { port } = companion.address ?? assert.fail('no address');
    await assert.rejects(runner.launch({ ...request, port }, signal), { code: 'port-in-use' });
  });

  test('fills the data folder into arguments and environment, and the target may write there', async () => {
    const request = requestFor(target, ['append', '{data}/file', 'text'], { dataDirectory: folder.path });
    await using daemon = await processRunner().launch(request, signal);
    assert.equal((await daemon.exited).code, 0);
    assert.equal(readFileSync(`${folder.path}/file`, 'utf8'), 'text');
    await using second = await processRunner().launch(
      requestFor(target, ['env'], { env: { HOME_OF_DATA: '{data}/x' }, dataDirectory: folder.path }),
      signal,
    );
    const lines = (await follow(second).rest()).map(({ text }) => text).join('\n');
    assert.ok(lines.split('\x1f').includes(`HOME_OF_DATA=${folder.path}/x`));
  });

  test('an aborted launch leaves nothing', async () => {
    const reason = new Error('interrupted');
    await assert.rejects(processRunner().launch(requestFor(target, ['wait']), AbortSignal.abort(reason)), reason);
  });
});
