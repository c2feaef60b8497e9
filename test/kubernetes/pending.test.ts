import assert from 'node:assert/strict';
import test from 'node:test';
import { parse } from 'yaml';
import type { CoreV1Event, V1Node, V1Pod } from '@kubernetes/client-node';
import { EnvironmentError } from '../../src/errors.ts';
import type { JobRequest } from '../../src/kubernetes/manifest.ts';
import { checkNodes, refusalOf, waitingOf } from '../../src/kubernetes/pending.ts';
import { lossOf } from '../../src/kubernetes/pod-state.ts';
import type { Cluster } from '../../src/kubernetes/cluster.ts';
import { checkRights } from '../../src/kubernetes/rights.ts';
import { blocksOf } from '../docs/page.ts';

// As Kubernetes 1.34.2 has them.
const unscheduled: V1Pod = {
  metadata: { name: 'p' },
  status: {
    phase: 'Pending',
    conditions: [
      {
        type: 'PodScheduled',
        status: 'False',
        reason: 'Unschedulable',
        message: '0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available',
      },
    ],
  },
};
const noImage: V1Pod = {
  metadata: { name: 'p' },
  status: {
    phase: 'Pending',
    containerStatuses: [
      {
        name: 'harness',
        image: 'gctune:0',
        imageID: '',
        ready: false,
        restartCount: 0,
        state: { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "gctune:0"' } },
      },
    ],
  },
};

test('why a pod waits is what its conditions, its containers and its events say', () => {
  const scheduled = waitingOf(unscheduled, []);
  assert.match(scheduled?.message ?? '', /it is on no node: 0\/1 nodes are available: 1 Insufficient cpu/);
  assert.equal(scheduled?.stuck, undefined, 'a node may become free');
  const image = waitingOf(noImage, []);
  assert.equal(image?.stuck, 'image-missing');
  assert.equal(image.message, 'image gctune:0 cannot be used: Back-off pulling image "gctune:0"');
  const again = { name: 'target', image: 'd', imageID: '', ready: false, restartCount: 2 };
  const lastState = { terminated: { exitCode: 128, reason: 'StartError', message: 'exec: permission denied' } };
  const looping = [{ ...again, state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState }];
  const loop = waitingOf({ status: { phase: 'Pending', initContainerStatuses: looping } }, []);
  assert.equal(loop?.stuck, 'pod-not-started');
  assert.match(loop.message, /^container target ended with code 128 \(StartError: exec: permission denied\), again/);
  assert.equal(waitingOf({ status: { phase: 'Running', initContainerStatuses: looping } }, []), undefined);
  const event = (name: string, kind: string, reason: string, message: string, at: string): CoreV1Event => ({
    metadata: {},
    involvedObject: { kind, name },
    type: 'Warning',
    reason,
    message,
    lastTimestamp: new Date(at),
  });
  const pending: V1Pod = { metadata: { name: 'p' }, status: { phase: 'Pending' } };
  assert.equal(waitingOf(pending, []), undefined);
  const events = [
    event('p', 'Pod', 'FailedMount', 'no such Secret', '2026-11-01T00:00:02Z'),
    event('p', 'Pod', 'Older', 'x', '2026-11-01T00:00:01Z'),
    event('q', 'Pod', 'Other', 'y', '2026-11-01T00:00:03Z'),
    event(
      'j',
      'Job',
      'FailedCreate',
      'pods "j-0" is forbidden: violates PodSecurity "restricted:latest"',
      '2026-11-01T00:00:01Z',
    ),
  ];
  assert.equal(waitingOf(pending, events)?.message, 'FailedMount: no such Secret');
  assert.match(refusalOf('j', events) ?? '', /violates PodSecurity/);
  assert.equal(refusalOf('k', events), undefined);
});

test('a lost pod is told by what took it: a drain, a deletion, an eviction, its harness', () => {
  const drained: V1Pod = {
    status: {
      phase: 'Failed',
      conditions: [
        {
          type: 'DisruptionTarget',
          status: 'True',
          reason: 'EvictionByEvictionAPI',
          message: 'Eviction API: evicting',
        },
      ],
    },
  };
  assert.equal(lossOf(drained), 'it was taken off its node (EvictionByEvictionAPI: Eviction API: evicting)');
  const evicted = {
    phase: 'Failed',
    reason: 'Evicted',
    message: 'Usage of EmptyDir volume "tmp" exceeds the limit "2Gi".',
  };
  assert.match(lossOf({ status: evicted }) ?? '', /^Evicted: Usage of EmptyDir/);
  const harness = { name: 'harness', image: '', imageID: '', ready: false, restartCount: 0 };
  const containerStatuses = [{ ...harness, state: { terminated: { exitCode: 137, reason: 'Error' } } }];
  assert.match(lossOf({ status: { ...evicted, containerStatuses } }) ?? '', /^Evicted: Usage of EmptyDir/);
  assert.equal(lossOf({ status: { phase: 'Failed' }, metadata: { deletionTimestamp: new Date() } }), 'it was deleted');
  const oom = { name: 'harness', image: '', imageID: '', ready: false, restartCount: 0 };
  const state = { terminated: { exitCode: 137, reason: 'OOMKilled' } };
  assert.equal(
    lossOf({ status: { phase: 'Failed', containerStatuses: [{ ...oom, state }] } }),
    'its harness was OOM-killed',
  );
  assert.equal(lossOf(unscheduled), undefined);
});

const request = (cpus: number, memoryBytes: number, nodeSelector = {}): JobRequest => ({
  runId: 'r',
  owner: 'o',
  number: 1,
  order: {
    text: '',
    seed: 1,
    of: 1,
    blocks: [1],
    filter: [],
    cpus: { harness: 1 },
    nodeNames: false,
    hold: { seconds: 0, aboveBytes: 0 },
  },
  target: { image: 'x', cpus, memoryBytes },
  settings: { nodes: 1, harnessImage: 'g', harnessCpus: 1, nodeSelector, tolerations: [] },
  deadlineSeconds: 1,
});

test('a pod that no node could ever take is refused with what the largest node has', () => {
  const node = (cpu: string, memory: string, labels = {}): V1Node => ({
    metadata: { labels },
    status: { allocatable: { cpu, memory } },
  });
  const nodes = [node('3920m', '16383472Ki', { pool: 'a' }), node('2', '64Gi')];
  const refused = (asked: JobRequest): string => {
    try {
      checkNodes(nodes, asked);
      return '';
    } catch (error) {
      assert.ok(error instanceof EnvironmentError);
      return `${error.code}: ${error.message}`;
    }
  };
  assert.equal(refused(request(2, 2 ** 30)), '');
  assert.match(
    refused(request(3, 2 ** 30)),
    /^nodes-too-small: a pod needs 4 whole CPUs \(3 for the target, 1 for load and probes\), and the largest of 2 nodes has 3\.92 for pods/,
  );
  assert.match(
    refused(request(1, 2 ** 37)),
    /^nodes-too-small: the target needs 128 GiB, and the largest of 2 nodes has 64\.0 GiB/,
  );
  assert.match(refused(request(1, 2 ** 30, { pool: 'b' })), /^no-such-node: no node has the label pool=b/);
  assert.equal(refused(request(2, 2 ** 30, { pool: 'a' })), '');
});

test('the Role of the documentation is what a driver asks for, and each right that is missing is named', async () => {
  const [yaml = ''] = blocksOf('docs/kubernetes.md').flatMap(({ language, text }) =>
    language === 'yaml' && text.includes('kind: Role') ? [text] : [],
  );
  const { rules } = parse(yaml) as {
    readonly rules: readonly { readonly apiGroups: string[]; readonly resources: string[]; readonly verbs: string[] }[];
  };
  const granted = new Set(
    rules.flatMap(({ apiGroups: [group], resources: [resource], verbs }) =>
      verbs.map((verb) => `${verb} ${resource} ${group}`),
    ),
  );
  const asked: string[] = [];
  const cluster = (allowed: (right: string) => boolean): Cluster =>
    ({
      namespace: 'bench',
      may: (verb: string, resource: string, group: string, subresource?: string) => {
        const right = `${verb} ${subresource === undefined ? resource : `${resource}/${subresource}`} ${group}`;
        asked.push(right);
        return Promise.resolve(allowed(right));
      },
    }) as unknown as Cluster;
  assert.deepEqual(await checkRights(cluster((right) => granted.has(right))), { exec: true });
  assert.equal(asked.length, 8);
  for (const verb of ['get', 'create'])
    assert.deepEqual(await checkRights(cluster((right) => right !== `${verb} pods/exec `)), { exec: false });
  await assert.rejects(
    checkRights(cluster((right) => right === 'get jobs batch')),
    /in namespace bench; missing: create, list, delete jobs\.batch; list pods; get pods\/log/,
  );
});
