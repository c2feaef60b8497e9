import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import type { V1ContainerState, V1ContainerStatus, V1Job, V1Pod, V1PodCondition } from '@kubernetes/client-node';
import { EnvironmentError } from '../../src/errors.ts';
import type { Cluster } from '../../src/kubernetes/cluster.ts';
import { JobWatch, type LostPod } from '../../src/kubernetes/job-watch.ts';
import { resultLines, sumOf } from '../../src/kubernetes/result-lines.ts';

const RESULT = Buffer.from('what a block came to');

/** What is told of a pod beside its phase and its harness. */
interface Told {
  readonly conditions?: V1PodCondition[];
  readonly initContainerStatuses?: V1ContainerStatus[];
}

/** A Job of blocks 11, 12 … and its pods, as a test has it at a time; what waits for nothing but time is made to pass. */
class Scene {
  job: V1Job | undefined = { status: {} };
  readonly pods = new Map<string, V1Pod>();
  /** What is asked for the log of a pod, which has the result of its block where nothing else is said. */
  readonly logs = new Map<string, (container: string) => string>();
  readonly notes: string[] = [];
  readonly lost: LostPod[] = [];
  readonly results: number[] = [];
  readonly watch: JobWatch;

  constructor(blocks = 3) {
    const cluster: Pick<Cluster, 'job' | 'pods' | 'log' | 'events'> = {
      job: () => Promise.resolve(this.job),
      pods: () => Promise.resolve([...this.pods.values()]),
      log: (name, container) => new Promise((resolve) => resolve((this.logs.get(name) ?? printed)(container))),
      events: () => Promise.resolve([]),
    };
    this.watch = new JobWatch(cluster as Cluster, 'j', {
      blocks: Array.from({ length: blocks }, (_, index) => 11 + index),
      have: new Set(),
      mayExec: false,
      onNote: (message) => void this.notes.push(message),
      onEvent: () => {},
      onLost: (lost) => Promise.resolve(void this.lost.push(lost)),
      onResult: (block, { packed }) => {
        assert.deepEqual(packed, RESULT);
        return Promise.resolve(void this.results.push(block));
      },
    });
  }

  pod(index: number, phase: string, harness: V1ContainerState = {}, more: Told = {}): void {
    const name = `pod-${index}`;
    const status = { name: 'harness', image: 'gctune:1', imageID: '', ready: true, restartCount: 0, state: harness };
    this.pods.set(name, {
      metadata: { name, uid: name, annotations: { 'batch.kubernetes.io/job-completion-index': String(index) } },
      spec: { nodeName: `node-${index}`, containers: [] },
      status: { phase, containerStatuses: [status], ...more },
    });
  }

  end(type: string, reason: string): void {
    this.job = { status: { conditions: [{ type, status: 'True', reason }] } };
  }
}

const running: V1ContainerState = { running: {} };
const done: V1ContainerState = { terminated: { exitCode: 0, message: JSON.stringify(sumOf(RESULT)) } };
const printed = (): string => `${[...resultLines(RESULT)].join('\n')}\n`;
const nothing = (): string => '';
const unreachable = (): never => {
  throw new EnvironmentError(
    'cluster-refused',
    'the cluster did not read the log of a pod (500): dial tcp: i/o timeout',
  );
};

describe('a look at a Job', () => {
  let now = 0;
  const pass = (seconds: number): void => void (now += seconds * 1000);
  beforeEach(() => mock.method(performance, 'now', () => now));
  afterEach(() => mock.restoreAll());

  test('a node that does not answer keeps nobody from the results of the others, and is told with what to do', async () => {
    const scene = new Scene();
    scene.pod(0, 'Running', running);
    scene.pod(1, 'Succeeded', done);
    scene.logs.set('pod-0', unreachable);
    assert.equal(await scene.watch.look(), undefined);
    assert.deepEqual(scene.results, [12]);
    pass(1);
    await scene.watch.look();
    assert.deepEqual(scene.notes, [], 'it may pass');
    pass(20);
    await scene.watch.look();
    pass(60);
    await scene.watch.look();
    assert.equal(scene.notes.length, 1);
    assert.match(
      scene.notes[0] ?? '',
      /^block 11: the log of pod pod-0 cannot be read: .*i\/o timeout.*kubectl delete node node-0/,
    );
    // With its node.
    scene.pods.delete('pod-0');
    scene.pod(2, 'Succeeded', done);
    await scene.watch.look();
    assert.deepEqual(scene.results, [12, 13]);
    assert.deepEqual(
      scene.lost.map(({ block, why }) => [block, why]),
      [[11, 'it was deleted']],
    );
  });

  test('a pod that failed is lost though its log cannot be read; one that has a result is waited for', async () => {
    const scene = new Scene();
    for (const [index, exitCode] of [3, 0, 42].entries()) {
      const phase = exitCode === 0 ? 'Succeeded' : 'Failed';
      scene.pod(index, phase, { terminated: { exitCode, message: JSON.stringify(sumOf(RESULT)) } });
      scene.logs.set(`pod-${index}`, unreachable);
    }
    scene.end('Failed', 'FailedIndexes');
    assert.equal(await scene.watch.look(), undefined);
    assert.deepEqual(
      scene.lost.map(({ block, why }) => [block, why]),
      [[11, 'its harness ended with code 3']],
    );
    scene.logs.delete('pod-2');
    pass(60);
    assert.equal(await scene.watch.look(), undefined);
    assert.deepEqual(scene.results, [13]);
    pass(600);
    assert.equal((await scene.watch.look())?.kind, 'failed');
    assert.match(scene.lost[1]?.why ?? '', /^its log cannot be read: .*i\/o timeout/);
  });

  test('a Job that is about to fail has ended once nothing of its pods can be read', async () => {
    const scene = new Scene();
    scene.pod(0, 'Running', running);
    scene.pod(1, 'Running', running);
    // Scheduled to a node that went away before it began.
    scene.pod(2, 'Pending');
    scene.logs.set('pod-0', unreachable);
    scene.logs.set('pod-1', nothing);
    scene.end('FailureTarget', 'PodFailurePolicy');
    assert.equal(await scene.watch.look(), undefined);
    pass(700);
    assert.equal(await scene.watch.look(), undefined, 'one still prints');
    scene.logs.delete('pod-1');
    scene.pod(1, 'Succeeded', done);
    const end = await scene.watch.look();
    assert.deepEqual([end?.kind, end?.why, scene.results], ['failed', 'PodFailurePolicy', [12]]);
  });

  test('a pod that is to leave its node is read until it has ended', async () => {
    const scene = new Scene(2);
    const condition: V1PodCondition = { type: 'DisruptionTarget', status: 'True', reason: 'DeletionByTaintManager' };
    const leaving: Told = { conditions: [condition] };
    for (const index of [0, 1]) {
      scene.pod(index, 'Running', running, leaving);
      scene.logs.set(`pod-${index}`, nothing);
    }
    await scene.watch.look();
    assert.deepEqual(scene.lost, []);
    scene.logs.delete('pod-0');
    scene.pod(0, 'Succeeded', done, leaving);
    scene.pods.delete('pod-1');
    await scene.watch.look();
    assert.deepEqual(scene.results, [11]);
    assert.deepEqual(
      scene.lost.map(({ block, why }) => [block, why]),
      [[12, 'it was taken off its node (DeletionByTaintManager)']],
    );
  });

  test('a node without the image ends nothing while blocks run elsewhere, and the run once it is all that is left', async () => {
    const noImage = (index: number, scene: Scene): void =>
      scene.pod(index, 'Pending', { waiting: { reason: 'ImagePullBackOff', message: 'no such image' } });
    const scene = new Scene(2);
    scene.pod(0, 'Running', running);
    scene.logs.set('pod-0', nothing);
    noImage(1, scene);
    for (let seconds = 0; seconds < 120; seconds += 10, pass(10)) assert.equal(await scene.watch.look(), undefined);
    assert.deepEqual(scene.notes, [
      'block 12 waits: image gctune:1 cannot be used: no such image',
      'block 12 cannot start on node-1; the other blocks go on, and it begins once that is fixed',
    ]);
    scene.logs.delete('pod-0');
    scene.pod(0, 'Succeeded', done);
    assert.equal(await scene.watch.look(), undefined);
    assert.deepEqual(scene.results, [11]);
    pass(30);
    assert.equal(await scene.watch.look(), undefined, 'another may be about to begin');
    pass(20);
    const missing = { code: 'image-missing', message: /^block 12 cannot start: image gctune:1 cannot be used/ };
    await assert.rejects(scene.watch.look(), missing);

    const alone = new Scene(2);
    noImage(0, alone);
    noImage(1, alone);
    await alone.watch.look();
    pass(46);
    await assert.rejects(alone.watch.look(), { ...missing, message: /^block 11 cannot start/ });
  });

  test('what was put into pods beside gctune, and does not end, keeps no run from its end', async () => {
    const scene = new Scene(2);
    const proxy = { name: 'istio-proxy', image: 'p', imageID: '', ready: true, restartCount: 0, state: running };
    scene.pod(0, 'Running', done);
    const kept = scene.pods.get('pod-0');
    kept?.status?.containerStatuses?.push(proxy);
    assert.equal(await scene.watch.look(), undefined);
    assert.deepEqual(scene.results, [11]);
    for (let seconds = 0; seconds < 180; seconds += 30, pass(30)) await scene.watch.look();
    assert.equal(scene.notes.length, 1);
    assert.match(scene.notes[0] ?? '', /^block 11: pod pod-0 does not end .*: istio-proxy in it does not end\./);
    // On another node.
    scene.pod(1, 'Running', done);
    assert.equal((await scene.watch.look())?.kind, 'complete');
  });

  test('a container that fails before gctune begins is named, with how it ended and what it printed', async () => {
    const scene = new Scene(1);
    const terminated = { exitCode: 255, reason: 'Error' };
    const agent = { name: 'agent', image: 'g', imageID: '', ready: false, restartCount: 0, state: { terminated } };
    const waiting = { waiting: { reason: 'PodInitializing' } };
    scene.pod(0, 'Failed', waiting, { initContainerStatuses: [agent] });
    const asked: string[] = [];
    scene.logs.set('pod-0', (container) => {
      asked.push(container);
      return 'exec /gctune-agent: exec format error\n';
    });
    await scene.watch.look();
    assert.deepEqual(asked, ['agent']);
    assert.deepEqual(
      scene.lost.map(({ why, said }) => [why, said]),
      [
        [
          'its container agent ended with code 255 (Error): an image is for another architecture than that of its node',
          ['exec /gctune-agent: exec format error'],
        ],
      ],
    );
  });
});
