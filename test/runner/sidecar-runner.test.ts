import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { chmod, mkdir, readdir, rmdir, symlink } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { execa } from 'execa';
import { EnvironmentError, UserError } from '../../src/errors.ts';
import { parseExperiment } from '../../src/experiment/parse-experiment.ts';
import { UNKNOWN_BUILD_INFO } from '../../src/runner/go-process.ts';
import { cgroupProbe } from '../../src/probe/cgroup.ts';
import { cgroupMounts } from '../../src/runner/cgroup-mounts.ts';
import { makeCgroup } from '../../src/runner/cgroup.ts';
import { admitInContainer } from '../../src/runner/sidecar/admit.ts';
import { realPathIn } from '../../src/runner/sidecar/real-path.ts';
import { sidecarRunner } from '../../src/runner/sidecar/sidecar-runner.ts';
import { makeVariants } from '../../src/sweep/variants.ts';
import type { Artifact } from '../../src/target/artifact.ts';
import { requirement } from '../requirements.ts';
import { buildAgent, startAgent, type RunningAgent } from './agent.ts';
import { buildProgram, follow, NO_LIMITS, requestFor, temporaryFolder, texts, type Folder } from './target-binary.ts';

const signal = AbortSignal.timeout(240_000);
const context = { env: {}, signal, onProgress: () => undefined };

function lives(pid: number): boolean {
  const state = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8') : '';
  return state !== '' && !state.includes(') Z ');
}

/** Sends lines to the agent as they are, and gives all that it says until it ends the connection. */
async function say(socket: string, lines: string): Promise<readonly unknown[]> {
  const connection = connect({ path: socket, allowHalfOpen: true });
  connection.end(lines);
  return (await text(connection))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'none';
  } catch (error) {
    if (error instanceof EnvironmentError) return error.code;
    if (error instanceof UserError) return error.diagnostics[0]?.code ?? '';
    throw error;
  }
}

describe('sidecar runner', requirement('go'), () => {
  let folder: Folder;
  let program: string;
  let agent: RunningAgent;
  let target: Artifact;
  before(async () => {
    folder = await temporaryFolder();
    target = await buildProgram('target', folder);
    program = await buildAgent(folder);
    agent = await startAgent(program, folder, { env: { OF_IMAGE: 'kept', GOGC: '100' } });
  });
  after(async () => {
    await agent[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });
  const runner = (socket = agent.socket): ReturnType<typeof sidecarRunner> =>
    sidecarRunner({ socket, restartSeconds: 10 });

  test('starts the target itself, reachable at the filled-in address, and stops it', async () => {
    await using daemon = await runner().launch(
      requestFor(target, ['serve', '{host}:{port}'], { port: 'auto' }),
      signal,
    );
    const output = follow(daemon);
    await output.until('listening');
    const { host, port } = daemon.address ?? assert.fail('no address');
    assert.equal(await (await fetch(`http://${host}:${port}/`)).text(), 'hello');
    assert.equal(readFileSync(`/proc/${daemon.pid}/comm`, 'utf8').trim(), 'target');
    assert.ok(Math.abs((daemon.startUnixSeconds ?? 0) - Date.now() / 1000) < 60);
    const exit = await daemon.stop(10);
    assert.deepEqual([exit.code, exit.signal, exit.oomKilled], [0, null, false]);
    assert.ok((exit.cpuSeconds ?? -1) >= 0);
    assert.equal(daemon.pid, undefined);
    assert.equal(await daemon.fault(), undefined);
    assert.ok(texts(await output.rest(), 'stdout').includes('bye'));
  });

  test('delivers every line in order, and the code of a target that ends at once', async () => {
    await using quick = await runner().launch(requestFor(target, ['quick', '3']), signal);
    const lines = await follow(quick).rest();
    assert.deepEqual(texts(lines, 'stdout'), ['first', 'last, without a line end']);
    assert.deepEqual(texts(lines, 'stderr'), ['problem']);
    assert.equal((await quick.exited).code, 3);
    await using many = await runner().launch(requestFor(target, ['many', '20000']), signal);
    const expected = Array.from({ length: 20_000 }, (_, index) => `line ${index}`);
    assert.deepEqual(texts(await follow(many).rest(), 'stdout'), expected);
  });

  test('gives the target the environment of the container with that of the trial in its place', async () => {
    await using daemon = await runner().launch(
      requestFor(target, ['env'], { env: { GOGC: '25', ODD: 'a=b c\n"$HOME"' } }),
      signal,
    );
    const [line = ''] = texts(await follow(daemon).rest(), 'stdout')
      .join('\n')
      .split('\n\n');
    const env = line.split('\u001f');
    for (const each of ['GOGC=25', 'ODD=a=b c\n"$HOME"', 'OF_IMAGE=kept']) assert.ok(env.includes(each), each);
    assert.equal(env.filter((each) => each.startsWith('GOGC=')).length, 1);
  });

  test('puts the target on the CPUs that it is told', async () => {
    await using daemon = await runner().launch(requestFor(target, ['wait'], { cpuset: '0' }), signal);
    assert.match(readFileSync(`/proc/${daemon.pid}/status`, 'utf8'), /^Cpus_allowed_list:\t0$/m);
  });

  test('kills a target that ignores SIGTERM, and what it has started in a session and environment of its own', async () => {
    await using stubborn = await runner().launch(requestFor(target, ['stubborn']), signal);
    await follow(stubborn).until('ready');
    const killed = await stubborn.stop(0.2);
    assert.deepEqual([killed.signal, killed.oomKilled], ['SIGKILL', false]);
    await using forks = await runner().launch(requestFor(target, ['fork']), signal);
    const child = Number((await follow(forks).until('child')).split(' ')[1]);
    assert.ok(lives(child));
    await forks.stop(5);
    assert.ok(!lives(child));
  });

  test('ends the target when the one who asked for it is gone', async () => {
    // As a kill of gctune does: the connection ends and nothing more is said.
    const connection = connect({ path: agent.socket });
    connection.write(`${JSON.stringify({ do: 'start', argv: [target.reference, 'stubborn'] })}\n`);
    const [answer] = (await once(connection, 'data')) as [Buffer];
    const { pid } = (JSON.parse(answer.toString().split('\n')[0] ?? '') as { started: { pid: number } }).started;
    assert.ok(lives(pid));
    connection.destroy();
    await using next = await startedSoon(() => runner().launch(requestFor(target, ['quick', '0']), signal));
    assert.equal((await next.exited).code, 0);
    assert.ok(!lives(pid));
  });

  test('says of an agent that was killed that it was not the target’s fault, and goes on with the next one', async () => {
    await using own = await temporaryFolder();
    const first = await startAgent(program, own);
    await using daemon = await runner(first.socket).launch(requestFor(target, ['fork']), signal);
    const output = follow(daemon);
    // In either order; the child would die of what it says when the agent is gone.
    const said = [await output.until(''), await output.until('')];
    const child = Number(said.find((line) => line.startsWith('child'))?.split(' ')[1]);
    const { pid = 0 } = daemon;
    first.process.kill('SIGKILL');
    const exit = await daemon.exited;
    assert.deepEqual([exit.code, exit.signal, exit.oomKilled], [null, 'SIGKILL', false]);
    assert.equal((await daemon.fault())?.code, 'target-container-ended');
    while (lives(pid)) await new Promise((resolve) => setTimeout(resolve, 5));
    // In a container that goes with it; here there is none.
    process.kill(child, 'SIGKILL');
    // The stale socket does not keep the next agent, which comes while it is waited for.
    const launched = runner(first.socket).launch(requestFor(target, ['quick', '0']), signal);
    await using second = await startAgent(program, own);
    await using again = await launched;
    assert.equal((await again.exited).code, 0);
    assert.equal(second.socket, first.socket);
  });

  test('starts one target straight after another', async () => {
    for (let launches = 0; launches < 50; launches += 1) {
      await using daemon = await runner().launch(requestFor(target, ['quick', '0']), signal);
      assert.equal((await daemon.exited).code, 0);
    }
  });

  test('waits for the next agent where one ends a connection without a word, as one that is being killed does', async () => {
    await using own = await temporaryFolder();
    const socket = join(own.path, 'agent.sock');
    const dying = createServer((connection) => connection.destroy()).listen(socket);
    await once(dying, 'listening');
    const launched = runner(socket).launch(requestFor(target, ['quick', '6']), signal);
    await once(dying, 'connection');
    dying.close();
    await using next = await startAgent(program, own);
    await using daemon = await launched;
    assert.equal((await daemon.exited).code, 6);
    assert.equal(next.socket, socket);
  });

  test('finds a Go program behind a script, and refuses a script that starts none', async () => {
    const script = join(folder.path, 'start.sh');
    writeFileSync(script, '#!/bin/sh\n"$@" &\nwait $!\n', { mode: 0o755 });
    const wrapped: Artifact = { ...target, kind: 'image', reference: script, buildInfo: UNKNOWN_BUILD_INFO };
    await using daemon = await runner().launch(requestFor(wrapped, [target.reference, 'wait']), signal);
    assert.equal(readFileSync(`/proc/${daemon.pid}/comm`, 'utf8').trim(), 'target');
    const { pid = 0 } = daemon;
    await daemon.stop(0);
    assert.ok(!lives(pid));
  });

  test('tells an OOM kill of the target, by the counter of the container’s cgroup', requirement('root'), async () => {
    await using at = await limitedAgent(program, 96 * 2 ** 20);
    const enough: typeof NO_LIMITS = { ...NO_LIMITS, memoryBytes: 96 * 2 ** 20 };
    assert.deepEqual(await at.runner.admit(enough, undefined), []);
    await using daemon = await at.runner.launch(requestFor(target, ['eat', '300']), signal);
    const inCgroup = readFileSync(join(daemon.cgroup?.memory ?? '', 'cgroup.procs'), 'utf8').split('\n');
    assert.ok(inCgroup.includes(String(at.agent.process.pid)));
    const exit = await daemon.exited;
    assert.deepEqual([exit.code, exit.signal, exit.oomKilled], [null, 'SIGKILL', true]);
    assert.equal(await daemon.fault(), undefined);
    // The counter stays, and the next target is not blamed for it; neither is the greatest usage that of the next.
    await using next = await at.runner.launch(requestFor(target, ['wait']), signal);
    await using probe = cgroupProbe(next.cgroup ?? assert.fail('no cgroup'));
    const figures = await probe.read(signal);
    assert.ok((figures?.cgroupUsageBytes ?? 0) > 0);
    assert.equal(figures?.cgroupPeakBytes, undefined);
    assert.equal((await next.stop(0)).oomKilled, false);
  });

  test(
    'tells an OOM kill that takes the agent with the target',
    { ...requirement('root'), timeout: 60_000 },
    async () => {
      await using at = await limitedAgent(program, 96 * 2 ** 20);
      await using daemon = await at.runner.launch(requestFor(target, ['wait']), signal);
      // The kernel takes the agent first, as with memory.oom.group it takes every process of the container; the target dies with it.
      writeFileSync(`/proc/${at.agent.process.pid}/oom_score_adj`, '1000');
      // Two, so that neither is larger than what the kernel now takes the agent for.
      const eaters = [1, 2].map(() =>
        spawn('/bin/sh', ['-c', JOIN, 'sh', ...at.joinFiles, '--', target.reference, 'eat', '60'], { stdio: 'ignore' }),
      );
      const exit = await daemon.exited;
      for (const eater of eaters) eater.kill('SIGKILL');
      assert.deepEqual([exit.code, exit.signal, exit.oomKilled], [null, 'SIGKILL', true]);
      assert.equal(await daemon.fault(), undefined);
      assert.equal(at.agent.process.signalCode ?? (await once(at.agent.process, 'exit'))[1], 'SIGKILL');
    },
  );

  test('compares the limits with those of the container', async () => {
    const container = { cpus: [0, 1], cpuQuota: 1.5, memoryLimitBytes: 1024 } as const;
    const limits = { ...NO_LIMITS, cpus: 1.5, memoryBytes: 1024 };
    assert.deepEqual(admitInContainer(container, limits, '0-1'), []);
    assert.deepEqual(admitInContainer({ ...container, cpuQuota: undefined }, { ...limits, cpus: 2 }, undefined), []);
    const message =
      'The limits are not those of the pod’s container: 2048 bytes of memory were requested, and the container has 1024; ' +
      '1 CPUs were requested, and the container has 1.5; CPU 0-3 was requested, and the container may run on 0-1';
    const other = { ...limits, cpus: 1, memoryBytes: 2048 };
    assert.throws(() => admitInContainer(container, other, '0-3'), { code: 'limit-not-enforceable', message });
    assert.deepEqual(admitInContainer(container, { ...other, required: false }, '0-3'), [
      { code: 'limit-not-enforced', message: `${message}; the trials run without them` },
    ]);
  });

  test('leaves the target on the CPUs of its own container, whatever those of gctune’s are', async () => {
    const parsed = parseExperiment(
      `name: placed
target: { binary: ${target.reference}, port: auto, args: ['{port}'], ready: { output: listening } }
limits: { cpus: 2, required: false }
matrix: { gogc: [100] }
workloads: { w: { http: { path: /, rate: 1/s } } }
`,
      'e.yaml',
      { directory: '/' },
    );
    assert.ok('experiment' in parsed, JSON.stringify(parsed));
    const { all } = await makeVariants(parsed.experiment, [1], runner(), context);
    assert.deepEqual(all[0].placement, {
      cpus: { target: undefined, generator: undefined },
      services: undefined,
      gomaxprocs: 2,
      warnings: [],
    });
    const fixed = await makeVariants({ ...parsed.experiment, gomaxprocs: 3 }, [1], runner(), context);
    assert.equal(fixed.all[0].placement.gomaxprocs, 3);
  });

  test('finds the target among the files of its container', async () => {
    const at = runner();
    const container = { entrypoint: [target.reference, 'quick'], user: undefined, workdir: undefined, mounts: {} };
    const image = { kind: 'image', reference: 'daemon:1' } as const;
    const found = await at.obtain({ ...image, container }, context);
    assert.deepEqual([found.reference, found.digest], [target.reference, target.digest]);
    assert.match(found.description, /^daemon:1, .*\/target, built with go1/);
    await using daemon = await at.launch(requestFor(found, ['4']), signal);
    assert.equal((await daemon.exited).code, 4);
    assert.equal(await codeOf(at.obtain({ kind: 'binary', path: 'no-such-target' }, context)), 'target-missing');
    assert.equal((await at.obtain({ kind: 'binary', path: './target' }, context)).digest, target.digest);
    assert.equal(await codeOf(at.obtain(image, context)), 'entrypoint-unknown');
    const mounts = { '/etc/x': 'x' };
    assert.equal(await codeOf(at.obtain({ ...image, container: { ...container, mounts } }, context)), 'mounts-in-pod');
    assert.equal(await codeOf(at.obtain({ kind: 'package', directory: '.', flags: [] }, context)), 'needs-image');
  });

  test('follows links as they are in the container', async () => {
    await using root = await temporaryFolder();
    await mkdir(join(root.path, 'usr/bin'), { recursive: true });
    writeFileSync(join(root.path, 'usr/bin/d'), '');
    await symlink('/usr/bin', join(root.path, 'bin'));
    await symlink('../../../../usr/bin/d', join(root.path, 'usr/up'));
    await symlink('loop', join(root.path, 'loop'));
    assert.equal(await realPathIn(root.path, '/bin/d'), '/usr/bin/d');
    assert.equal(await realPathIn(root.path, '/usr/up'), '/usr/bin/d');
    assert.equal(await realPathIn(root.path, '/loop'), undefined);
    assert.equal(await realPathIn(root.path, '/none'), undefined);
  });

  test('says what is wrong with a start, a service and an agent that is not there', async () => {
    const at = runner();
    const none: Artifact = { ...target, reference: '/none' };
    assert.equal(await codeOf(at.launch(requestFor(none, []), signal)), 'target-not-started');
    const cpus = requestFor(target, ['wait'], { cpuset: '1000' });
    assert.equal(await codeOf(at.launch(cpus, signal)), 'agent-cannot-pin');
    const service = { name: 'database', user: undefined };
    assert.equal(await codeOf(at.launch(requestFor(target, [], { service }), signal)), 'service-in-pod');
    await using running = await at.launch(requestFor(target, ['wait']), signal);
    assert.equal(await codeOf(at.launch(requestFor(target, ['wait']), signal)), 'agent-busy');
    assert.equal(typeof running.pid, 'number');
    const { failed } = await sidecarRunner({ socket: join(folder.path, 'none.sock') }).usable(0.2);
    assert.equal(failed?.id, 'sidecar-agent');
    assert.match(failed.message, /does not answer at .*none\.sock$/);
  });

  test('what one program leaves in its temporary folder is not there for the next; what a link leads to stays', async () => {
    await using own = await temporaryFolder();
    const [temporary, outside] = [join(own.path, 'tmp'), join(own.path, 'outside')];
    await mkdir(join(temporary, 'closed/deep'), { recursive: true });
    await mkdir(outside);
    for (const file of [join(temporary, '.hidden'), join(temporary, 'closed/deep/file'), join(outside, 'kept')])
      writeFileSync(file, 'x');
    await symlink(outside, join(temporary, 'link'));
    await symlink(outside, join(temporary, 'closed/link'));
    await chmod(join(temporary, 'closed'), 0);
    await using emptying = await startAgent(program, own, { emptied: [temporary] });
    await using daemon = await runner(emptying.socket).launch(requestFor(target, ['quick', '0']), signal);
    await daemon.exited;
    assert.deepEqual(await readdir(temporary), []);
    assert.deepEqual(await readdir(outside), ['kept']);
    await rmdir(temporary);
    const refused = runner(emptying.socket).launch(requestFor(target, ['quick', '0']), signal);
    assert.equal(await codeOf(refused), 'agent-cannot-empty');
  });

  test('the agent answers whatever it is sent', async () => {
    const { socket } = agent;
    const error = (code: string, message: string): unknown => [{ error: { code, message } }];
    assert.deepEqual(
      await say(socket, '{"do":"dance"}\n'),
      error('unknown-request', '"dance" is neither look nor start nor signal'),
    );
    assert.deepEqual(await say(socket, '{"do":"start"}\n'), error('bad-request', 'there is no program in argv'));
    assert.deepEqual(
      await say(socket, '{"do":"signal","signal":"SIGTERM"}\n'),
      error('not-started', 'nothing was started on this connection'),
    );
    const [bad] = (await say(socket, 'GET / HTTP/1.1\n')) as [{ error: { code: string } }];
    assert.equal(bad.error.code, 'bad-request');
    const [unknown] = (await say(socket, '{"do":"look","x":1}\n')) as [{ error: { message: string } }];
    assert.match(unknown.error.message, /unknown field "x"/);
    const [long] = (await say(socket, `${'x'.repeat(5 << 20)}\n`)) as [{ error: { code: string } }];
    assert.equal(long.error.code, 'request-too-long');
    const argv = [target.reference, 'wait'];
    const further = [{ do: 'signal', signal: 'SIGSTOP' }, { do: 'look' }].map((each) => JSON.stringify(each));
    const said = await say(socket, `${JSON.stringify({ do: 'start', argv })}\n${further.join('\n')}\n`);
    const codes = said.flatMap((each) => (each as { error?: { code: string } }).error?.code ?? []);
    assert.deepEqual(codes, ['unknown-signal', 'busy']);
    assert.equal((said.at(-1) as { exited?: { signal: string } }).exited?.signal, 'SIGKILL');
  });

  test('the agent says what keeps it from serving or copying itself', async () => {
    const run = (...args: readonly string[]): Promise<{ exitCode?: number | undefined; stderr: string }> =>
      execa(program, args, { reject: false });
    assert.equal((await run()).exitCode, 2);
    assert.match((await run('serve', agent.socket)).stderr, /an agent listens on .* already/);
    const file = join(folder.path, 'file');
    writeFileSync(file, 'kept');
    assert.match((await run('serve', file)).stderr, /is there and no socket/);
    assert.equal(readFileSync(file, 'utf8'), 'kept');
    assert.match((await run('copy', join(folder.path, 'none', 'agent'))).stderr, /no such file or directory/);
    const copy = join(folder.path, 'copy');
    assert.equal((await run('copy', copy)).exitCode, 0);
    assert.deepEqual(readFileSync(copy), readFileSync(program));
  });
});

/** Joins the groups that it is given, then becomes the program behind them. */
const JOIN = 'until [ "$1" = -- ]; do echo $$ >"$1" || exit 1; shift; done; shift; exec "$@"';

/** An agent in a control group of its own, as in a container with a memory limit, and a runner that drives it. */
async function limitedAgent(program: string, memoryBytes: number) {
  const mounts = (await cgroupMounts()) ?? assert.fail('no cgroups');
  const name = `gctune-test-sidecar-${randomUUID()}`;
  const group = await makeCgroup(name, { cpus: undefined, memoryBytes, pids: undefined }, mounts);
  const folder = await temporaryFolder();
  const { joinFiles } = group;
  const agent = await startAgent(program, folder, { via: ['/bin/sh', '-c', JOIN, 'sh', ...joinFiles, '--'] });
  return {
    agent,
    joinFiles,
    runner: sidecarRunner({ socket: agent.socket, restartSeconds: 10 }),
    [Symbol.asyncDispose]: async () => {
      await agent[Symbol.asyncDispose]();
      await group.remove();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Tries until the agent has ended what ran before. */
async function startedSoon<T>(launch: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await launch();
    } catch (error) {
      if ((error as EnvironmentError).code !== 'agent-busy') throw error;
    }
  }
}
