import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import test from 'node:test';
import { parse } from 'yaml';
import type { V1Job } from '@kubernetes/client-node';
import { UserError } from '../../src/errors.ts';
import { manifestText } from '../../src/kubernetes/manifest-text.ts';
import { jobManifest, jobName, type JobRequest } from '../../src/kubernetes/manifest.ts';
import { ORDER_VARIABLE, readOrder, writeOrder, type Order } from '../../src/kubernetes/order.ts';

const order: Order = {
  text: 'name: it\n',
  seed: 7,
  of: 12,
  blocks: [2, 5, 9, 12],
  filter: ['gogc=25'],
  cpus: { harness: 1, target: 2 },
  nodeNames: false,
  hold: { seconds: 60, aboveBytes: 8e6 },
};

const request: JobRequest = {
  runId: 'sweep-20261101T120000Z-42',
  owner: '1:2:3:4:5',
  number: 1,
  order,
  target: { image: 'daemon:1', cpus: 2, memoryBytes: 2 ** 30 },
  settings: { nodes: 3, harnessImage: 'gctune:1', harnessCpus: 1, nodeSelector: {}, tolerations: [] },
  deadlineSeconds: 100,
};

function podOf(job: V1Job) {
  const { template } = job.spec ?? { template: {} };
  const { spec } = template;
  assert.ok(spec);
  return { spec, containers: [...(spec.initContainers ?? []), ...spec.containers] };
}

test('every container has equal requests and limits in whole CPUs, so that the pod is Guaranteed and its CPUs can be its own', () => {
  const { containers } = podOf(jobManifest(request));
  assert.deepEqual(
    containers.map(({ name }) => name),
    ['agent', 'target', 'harness'],
  );
  for (const { name, resources } of containers) {
    assert.deepEqual(resources?.requests, resources?.limits, name);
    assert.match(resources?.limits?.['cpu'] ?? '', /^[1-9]\d*$/, name);
    assert.match(resources?.limits?.['memory'] ?? '', /^[1-9]\d*$/, name);
  }
});

test('the pod has what the Pod Security Standard restricted demands, and no token', () => {
  const { spec, containers } = podOf(jobManifest(request));
  assert.equal(spec.automountServiceAccountToken, false);
  assert.equal(spec.hostNetwork ?? spec.hostPID ?? spec.hostIPC, undefined);
  assert.equal(spec.securityContext?.runAsNonRoot, true);
  assert.equal(spec.securityContext?.seccompProfile?.type, 'RuntimeDefault');
  for (const { name, securityContext, ports } of containers) {
    assert.equal(securityContext?.allowPrivilegeEscalation, false, name);
    assert.deepEqual(securityContext?.capabilities?.drop, ['ALL'], name);
    assert.equal(securityContext?.runAsUser ?? spec.securityContext?.runAsUser, 65532, name);
    assert.equal(ports, undefined, name);
  }
  for (const { name, ...kind } of spec.volumes ?? []) assert.deepEqual(Object.keys(kind), ['emptyDir'], name);
});

test('the target has a /tmp of its own, which its agent empties; data folders are where both containers have them', () => {
  const { containers } = podOf(jobManifest(request));
  const [target, harness] = ['target', 'harness'].map((each) => containers.find(({ name }) => name === each));
  const volumeOf = (path: string) => (of: typeof target) =>
    of?.volumeMounts?.find(({ mountPath }) => mountPath === path)?.name;
  assert.notEqual(volumeOf('/tmp')(target), volumeOf('/tmp')(harness));
  assert.equal(target?.command?.at(-1), '/tmp');
  const shared = harness?.env?.find(({ name }) => name === 'TMPDIR')?.value ?? '';
  assert.ok(volumeOf(shared)(target));
  assert.equal(volumeOf(shared)(target), volumeOf(shared)(harness));
});

test('service meshes are told to put no proxy into a pod, and the Job is still found by its labels', () => {
  const { metadata, spec } = jobManifest(request);
  const { labels, annotations } = spec?.template.metadata ?? {};
  assert.equal(labels?.['sidecar.istio.io/inject'], 'false');
  assert.deepEqual(annotations, { 'sidecar.istio.io/inject': 'false', 'linkerd.io/inject': 'disabled' });
  assert.deepEqual({ ...labels, ...metadata?.labels }, labels);
});

test('an index is retried once, a lost node costs no try, a bad experiment ends the Job, a useless block is not rolled again', () => {
  const { spec } = jobManifest(request);
  assert.equal(spec?.completions, 4);
  assert.equal(spec.parallelism, 3);
  assert.equal(spec.backoffLimitPerIndex, 1);
  assert.equal(spec.maxFailedIndexes, 1);
  assert.equal(spec.podReplacementPolicy, 'Failed');
  assert.deepEqual(
    spec.podFailurePolicy?.rules.map(({ action, onExitCodes, onPodConditions }) => [
      action,
      onExitCodes?.containerName ?? onPodConditions?.map(({ type }) => type).join(),
      onExitCodes?.values,
    ]),
    [
      ['Ignore', 'DisruptionTarget', undefined],
      ['FailJob', 'harness', [2]],
      ['FailIndex', 'harness', [42]],
    ],
  );
  // Of any run, in any namespace: two blocks on one node would disturb each other.
  const [term] = spec.template.spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  assert.deepEqual(term?.namespaceSelector, {});
  const [key, value] = Object.entries(term?.labelSelector?.matchLabels ?? {})[0] ?? [];
  assert.equal(spec.template.metadata?.labels?.[key ?? ''], value);
});

test('a model has no container of a target; a queue suspends the Job until it is admitted; a Secret fills the variables', () => {
  const settings = { ...request.settings, nodes: 99, queue: 'bench', secret: 'tokens', nodeSelector: { pool: 'a' } };
  const job = jobManifest({ ...request, target: undefined, settings });
  const { spec, containers } = podOf(job);
  assert.deepEqual(
    containers.map(({ name }) => name),
    ['harness'],
  );
  assert.equal(job.spec?.suspend, true);
  assert.equal(job.spec.parallelism, 4);
  assert.equal(job.metadata?.labels?.['kueue.x-k8s.io/queue-name'], 'bench');
  assert.deepEqual(spec.nodeSelector, { pool: 'a' });
  assert.deepEqual(containers[0]?.envFrom, [{ secretRef: { name: 'tokens' } }]);
});

test('names and labels are valid whatever the run is called, and those of two Jobs differ', () => {
  for (const runId of ['x', 'Ünï_codé..-20261101T120000Z-42', `${'long-'.repeat(60)}42`, '---']) {
    const name = jobName(runId, 1);
    assert.match(`${name}-99999`, /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, runId);
    assert.notEqual(name, jobName(runId, 2));
    for (const value of Object.values(jobManifest({ ...request, runId }).metadata?.labels ?? {}))
      assert.match(value, /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/, runId);
  }
});

test('the manifest as YAML is the manifest, and holds the order of the harness', () => {
  const job = jobManifest(request);
  const read = parse(manifestText(job)) as V1Job;
  assert.deepEqual(read, JSON.parse(JSON.stringify(job)));
  const { containers } = podOf(read);
  const variable = containers.find(({ name }) => name === 'harness')?.env?.find(({ name }) => name === ORDER_VARIABLE);
  assert.deepEqual(readOrder(variable?.value), order);
});

test('an experiment that does not fit into a variable is refused, and so is what is not an order', () => {
  const text = randomBytes(100_000).toString('base64');
  assert.throws(
    () => writeOrder({ ...order, text }),
    (error) => error instanceof UserError && error.diagnostics[0]?.code === 'experiment-too-long',
  );
  for (const bad of [undefined, '', 'AAAA', writeOrder({ ...order, seed: -1 })])
    assert.throws(
      () => readOrder(bad),
      (error) => error instanceof UserError && error.diagnostics[0]?.code === 'not-in-a-pod',
    );
});
