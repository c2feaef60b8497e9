import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import Docker from 'dockerode';
import { dockerRunner } from '../../src/runner/docker/docker-runner.ts';
import type { Artifact } from '../../src/target/artifact.ts';
import { requirement } from '../requirements.ts';
import { buildProgram, follow, requestFor, temporaryFolder, type Folder } from './target-binary.ts';

const signal = AbortSignal.timeout(300_000);

/** The docker command, as a user types it. */
function docker(...args: readonly string[]): string {
  return execFileSync('docker', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
}

describe('what the user made of a trial is the user’s', requirement('docker', 'go'), () => {
  const engine = new Docker();
  const runner = dockerRunner();
  let folder: Folder;
  let target: Artifact;
  before(async () => {
    folder = await temporaryFolder();
    target = await buildProgram('target', folder);
  });
  after(() => folder[Symbol.asyncDispose]());

  /** Commits a trial's container, and starts a container of the new image. Gives the id of the trial's container and of the user's. */
  async function copyTrial(runId: string, image: string): Promise<{ readonly trial: string; readonly mine: string }> {
    const [container] = await engine.listContainers({ filters: { label: [`gctune.run=${runId}`] } });
    const trial = container?.Id ?? assert.fail('no container');
    docker('commit', trial, image);
    return { trial, mine: docker('run', '-d', '--network', 'none', image, 'serve', '0.0.0.0:8080') };
  }

  const remove = (image: string, container: string): void => {
    docker('rm', '-f', container);
    docker('rmi', '-f', image);
  };

  test('the end of a run leaves a committed image, its container and a second name, and takes its own', async () => {
    const runId = `owned-end-${process.pid}`;
    const image = `gctune-test/mine:${runId}`;
    const prepared = await runner.prepare(target, runId, signal);
    const daemon = await runner.launch(requestFor(target, ['serve', '{host}:{port}'], { runId, port: 'auto' }), signal);
    await follow(daemon).until('listening');
    const own = (await engine.listImages({ filters: { label: [`gctune.run=${runId}`] } }))[0]?.RepoTags?.[0];
    docker('tag', own ?? assert.fail('no image'), `gctune-test/tagged:${runId}`);
    const { trial, mine } = await copyTrial(runId, image);
    try {
      await daemon[Symbol.asyncDispose]();
      await prepared[Symbol.asyncDispose]();
      assert.equal(docker('inspect', '--format', '{{.State.Running}}', mine), 'true');
      const names = docker('images', '--filter', `label=gctune.run=${runId}`, '--format', '{{.Repository}}:{{.Tag}}');
      assert.deepEqual(names.split('\n').toSorted(), [image, `gctune-test/tagged:${runId}`]);
      const containers = docker('ps', '-aq', '--no-trunc', '--filter', `label=gctune.run=${runId}`);
      assert.deepEqual(containers.split('\n'), [mine]);
      assert.notEqual(trial, mine);
      assert.equal(docker('network', 'ls', '-q', '--filter', `label=gctune.run=${runId}`), '');
    } finally {
      remove(image, mine);
      docker('rmi', '-f', `gctune-test/tagged:${runId}`);
    }
    assert.equal(docker('images', '-aq', '--filter', `label=gctune.run=${runId}`), '', 'nothing of ours stays below');
  });

  test('an image of ours whose name was removed goes as well, one that was committed without a name does not', async () => {
    const runId = `owned-nameless-${process.pid}`;
    const mine = `label=gctune.run=${runId}`;
    const prepared = await runner.prepare(target, runId, signal);
    const daemon = await runner.launch(requestFor(target, ['wait'], { runId }), signal);
    await follow(daemon).until('ready');
    const [image] = await engine.listImages({ filters: { label: [`gctune.run=${runId}`] } });
    docker('rmi', '-f', image?.RepoTags?.[0] ?? assert.fail('no image'));
    await runner.restore(target, runId, signal);
    const committed = docker('commit', docker('ps', '-q', '--filter', mine));
    try {
      await daemon[Symbol.asyncDispose]();
      await prepared[Symbol.asyncDispose]();
      const left = docker('images', '-q', '--no-trunc', '--filter', mine);
      assert.equal(left, committed);
    } finally {
      docker('rmi', '-f', committed);
    }
    assert.equal(docker('images', '-aq', '--filter', mine), '', 'nothing of ours stays below');
  });
});
