import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { dockerRunner } from '../../src/runner/docker/docker-runner.ts';
import { processRunner } from '../../src/runner/process/process-runner.ts';
import type { Artifact } from '../../src/target/artifact.ts';
import { requirement } from '../requirements.ts';
import { buildProgram, temporaryFolder, type Folder } from './target-binary.ts';

/** A gctune that has launched a target, to be killed by the test. */
interface Abandoned {
  readonly pid: number;
  readonly cgroup: string;
  readonly child: number;
  readonly kill: () => Promise<void>;
}

async function abandon(
  name: 'docker' | 'process' | 'process-bare',
  runId: string,
  target: Artifact,
  args: readonly string[] = [],
): Promise<Abandoned> {
  const program = join(import.meta.dirname, 'abandon.ts');
  const child = spawn(process.execPath, [program, name, runId, JSON.stringify(target), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const [line] = (await Promise.race([
    once(createInterface(child.stdout), 'line'),
    ended.then(() => assert.fail('it ended')),
  ])) as [string];
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  return { kill, ...(JSON.parse(line) as { pid: number; cgroup: string; child: number }) };
}

function runs(pid: number): boolean {
  return existsSync(`/proc/${pid}/stat`) && !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
}

describe('reap', requirement('go', 'root'), () => {
  let folder: Folder;
  let target: Artifact;
  before(async () => {
    folder = await temporaryFolder();
    target = await buildProgram('target', folder);
  });
  after(() => folder[Symbol.asyncDispose]());

  test('the target of a gctune that was killed ends with it; its cgroups are removed, and not before', async () => {
    const runId = `reap @ process:${process.pid}/%`;
    const runner = processRunner();
    const { kill, pid, cgroup } = await abandon('process', runId, target);
    assert.deepEqual(await runner.reap(runId), [], 'its owner lives');
    assert.ok(runs(pid));
    await kill();
    await sleep(100);
    assert.ok(!runs(pid), 'it does not run on where others are to be measured');
    assert.deepEqual(await runner.reap(`${runId} other`), []);
    const reaped = await runner.reap(runId);
    assert.ok(!existsSync(cgroup));
    assert.ok(reaped.some(({ kind, id }) => kind === 'cgroup' && id === cgroup));
    assert.deepEqual([...new Set(reaped.map((each) => each.runId))], [runId]);
    assert.deepEqual(await runner.reap(runId), []);
  });

  test('without setpriv and cgroups the target and its strays are noticed and removed', async () => {
    const runId = `reap-strays-${process.pid}`;
    const runner = processRunner();
    const { kill, pid, child } = await abandon('process-bare', runId, target, ['stray', '300']);
    await kill();
    await sleep(100);
    assert.ok(runs(pid) && runs(child), 'both outlive their owner');
    const left = (await runner.leftovers(2)).filter((each) => each.runId === runId);
    assert.deepEqual(left.map(({ id }) => id).toSorted(), [`${pid}`, `${child}`].toSorted());
    assert.match(left[0]?.cpus ?? '', /^\d/);
    assert.ok(runs(pid) && runs(child), 'they were only looked at');
    assert.deepEqual(await runner.reap(runId), left);
    assert.ok(!runs(pid) && !runs(child));
    assert.deepEqual(await runner.reap(runId), []);
  });

  test('removes the container, image and network of a gctune that was killed', requirement('docker'), async () => {
    const runId = `reap-docker-${process.pid}`;
    const runner = dockerRunner();
    const { kill, pid } = await abandon('docker', runId, target);
    assert.deepEqual(await runner.reap(runId), [], 'its owner lives');
    await kill();
    assert.ok(runs(pid), 'the container outlives its owner');
    const left = (await runner.leftovers(20)).filter((each) => each.runId === runId);
    assert.deepEqual(
      left.map(({ kind }) => kind),
      ['container', 'image', 'network'],
    );
    assert.ok(runs(pid), 'it was only looked at');
    const reaped = await runner.reap();
    assert.ok(!runs(pid));
    const ours = reaped.filter((each) => each.runId === runId);
    assert.deepEqual(
      ours.map(({ kind }) => kind),
      ['container', 'image', 'network'],
    );
    assert.deepEqual(await runner.reap(runId), []);
  });

  test('leaves what the user made of the container, and the network that it is on', requirement('docker'), async () => {
    const runId = `reap-copied-${process.pid}`;
    const image = `gctune-test/copied:${process.pid}`;
    const docker = (...args: readonly string[]): string =>
      execFileSync('docker', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    const runner = dockerRunner();
    const { kill } = await abandon('docker', runId, target);
    await kill();
    const label = `label=gctune.run=${runId}`;
    docker('commit', docker('ps', '-q', '--filter', label), image);
    const network = docker('network', 'ls', '--format', '{{.Name}}', '--filter', label);
    const mine = docker('run', '-d', '--network', network, image, 'serve', '0.0.0.0:8080');
    try {
      const reaped = await runner.reap(runId);
      assert.deepEqual(
        reaped.map(({ kind }) => kind),
        ['container', 'image'],
      );
      assert.equal(docker('inspect', '--format', '{{.State.Running}}', mine), 'true');
      assert.equal(docker('images', '--format', '{{.Repository}}', '--filter', label), 'gctune-test/copied');
      docker('rm', '-f', mine);
      assert.deepEqual(
        (await runner.reap(runId)).map(({ kind }) => kind),
        ['network'],
      );
    } finally {
      docker('rmi', '-f', image);
    }
    assert.equal(docker('images', '-aq', '--filter', label), '', 'no layer of ours stays below');
  });
});
