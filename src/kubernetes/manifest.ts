import { createHash } from 'node:crypto';
import type {
  V1Container,
  V1Job,
  V1PodSpec,
  V1ResourceRequirements,
  V1SecurityContext,
  V1Toleration,
} from '@kubernetes/client-node';
import { MARKS } from '../runner/owner.ts';
import { ORDER_VARIABLE, writeOrder, type Order } from './order.ts';

/** The label of everything of ours, which keeps two blocks off one node. */
export const MANAGED_BY = { 'app.kubernetes.io/managed-by': 'gctune' } as const;
/** What both containers of a pod see: the agent, its socket, and the target's data folders. */
const SHARED_FOLDER = '/gctune';
/** The agent in the harness's image, where the target's container finds it, and the socket that it serves on. */
const AGENT = {
  source: '/gctune-agent',
  program: `${SHARED_FOLDER}/agent`,
  socket: `${SHARED_FOLDER}/agent.sock`,
} as const;
/** Of each container its own; that of the target is empty when a trial begins. */
const TEMPORARY = '/tmp';
/** Where the harness writes its run. */
export const RESULTS_FOLDER = '/results';
/** The containers of a pod. */
export const CONTAINERS = { agent: 'agent', target: 'target', harness: 'harness' } as const;
/** What the harness ends with where its block was measured and nothing of it can be used: it is not run again. */
export const BLOCK_USELESS = 42;

/** CPUs and memory of a container: what it asks for, and its limit. */
export interface ContainerSize {
  readonly cpus: number;
  readonly memoryBytes: number;
}

/** What is asked of the cluster, beside what follows from the experiment. */
export interface ClusterSettings {
  /** How many blocks are run at a time, each on a node of its own. */
  readonly nodes: number;
  readonly harnessImage: string;
  readonly harnessCpus: number;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly V1Toleration[];
  /** The queue of Kueue that the Job waits in. */
  readonly queue?: string;
  /** The Secret of whose keys `${NAME}` is filled in. */
  readonly secret?: string;
}

/** What a Job is made of. */
export interface JobRequest {
  /** The id of the run. */
  readonly runId: string;
  /** The mark of the gctune that drives it. */
  readonly owner: string;
  /** Tells this Job from others of the same run. */
  readonly number: number;
  readonly order: Order;
  /** Undefined where the target is only a model. */
  readonly target: (ContainerSize & { readonly image: string }) | undefined;
  readonly settings: ClusterSettings;
  readonly deadlineSeconds: number;
}

/** Longest name of a Job: that of its pods has the index and a dash more, and is a label of DNS (63). */
const LONGEST_NAME = 52;
/** Tells service meshes to put no proxy into the pod: it would take CPU beside the target, and outlive the harness, so that the pod never ends. */
const NO_PROXY = {
  // Istio reads the label, and older versions only the annotation.
  labels: { 'sidecar.istio.io/inject': 'false' },
  annotations: { 'sidecar.istio.io/inject': 'false', 'linkerd.io/inject': 'disabled' },
} as const;
/** Memory of the harness: Node, the load generator and the probes. */
const HARNESS_MEMORY = 2 ** 30;
/** The target's own files and sockets, and the run of one block. */
const SHARE_LIMIT = '2Gi';

/** What the Pod Security Standard `restricted` demands of a container, and no files of its own. */
const LOCKED_DOWN: V1SecurityContext = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

/** The name of a Job of a run: readable, and its own. */
export function jobName(runId: string, number: number): string {
  const digest = createHash('sha256').update(`${runId} ${number}`).digest('hex').slice(0, 8);
  const slug = runId
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, LONGEST_NAME - 'gctune--'.length - digest.length)
    .replaceAll(/^-+|-+$/g, '');
  return `gctune-${slug}-${digest}`;
}

/** The label that a run's Jobs are found by: a run's id may be too long for one. */
export function runLabel(runId: string): Readonly<Record<string, string>> {
  return { [MARKS.label.run]: createHash('sha256').update(runId).digest('hex').slice(0, 32) };
}

/**
 * An Indexed Job whose every index is one block of the plan, in a pod of its own. Its namespace is for whoever applies it by
 * hand: a run tells the cluster with its request.
 */
export function jobManifest(request: JobRequest, namespace?: string): V1Job {
  const { runId, owner, order, settings, deadlineSeconds } = request;
  const labels = { ...MANAGED_BY, ...runLabel(runId) };
  const blocks = order.blocks.length;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: jobName(runId, request.number),
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...labels, ...(settings.queue === undefined ? {} : { 'kueue.x-k8s.io/queue-name': settings.queue }) },
      annotations: { [MARKS.label.run]: runId, [MARKS.label.owner]: owner },
    },
    spec: {
      completionMode: 'Indexed',
      completions: blocks,
      parallelism: Math.min(settings.nodes, blocks),
      backoffLimitPerIndex: 1,
      maxFailedIndexes: Math.max(1, Math.floor(blocks / 4)),
      // Else a pod that ends and the one in its place would run at once, on one node perhaps.
      podReplacementPolicy: 'Failed',
      activeDeadlineSeconds: deadlineSeconds,
      ...(settings.queue === undefined ? {} : { suspend: true }),
      podFailurePolicy: {
        rules: [
          // A drain, a preemption, a node that has gone: not the block's fault.
          { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
          // A bad experiment is as bad on every node.
          {
            action: 'FailJob',
            onExitCodes: { containerName: CONTAINERS.harness, operator: 'In', values: [2] },
          },
          {
            action: 'FailIndex',
            onExitCodes: { containerName: CONTAINERS.harness, operator: 'In', values: [BLOCK_USELESS] },
          },
        ],
      },
      template: {
        metadata: { labels: { ...labels, ...NO_PROXY.labels }, annotations: NO_PROXY.annotations },
        spec: podSpec(request),
      },
    },
  };
}

function podSpec({ target, order, settings }: JobRequest): V1PodSpec {
  const { nodeSelector, tolerations } = settings;
  return {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    // The harness reads /proc of the target, for which it needs the same user too.
    shareProcessNamespace: true,
    terminationGracePeriodSeconds: 10,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 65532,
      runAsGroup: 65532,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    ...(Object.keys(nodeSelector).length === 0 ? {} : { nodeSelector }),
    ...(tolerations.length === 0 ? {} : { tolerations: [...tolerations] }),
    affinity: {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          {
            labelSelector: { matchLabels: MANAGED_BY },
            namespaceSelector: {},
            topologyKey: 'kubernetes.io/hostname',
          },
        ],
      },
    },
    ...(target === undefined ? {} : { initContainers: [agentContainer(settings), targetContainer(target)] }),
    containers: [harnessContainer(order, settings)],
    volumes: [
      { name: 'gctune', emptyDir: { sizeLimit: SHARE_LIMIT } },
      { name: 'results', emptyDir: { sizeLimit: SHARE_LIMIT } },
      { name: 'tmp', emptyDir: { sizeLimit: SHARE_LIMIT } },
      ...(target === undefined ? [] : [{ name: 'target-tmp', emptyDir: { sizeLimit: SHARE_LIMIT } }]),
    ],
  };
}

/** Copies the agent to where the target's image finds it, whatever else is in that image. */
function agentContainer({ harnessImage }: ClusterSettings): V1Container {
  return {
    name: CONTAINERS.agent,
    image: harnessImage,
    imagePullPolicy: 'IfNotPresent',
    command: [AGENT.source, 'copy', AGENT.program],
    resources: sized({ cpus: 1, memoryBytes: HARNESS_MEMORY }),
    securityContext: LOCKED_DOWN,
    volumeMounts: [{ name: 'gctune', mountPath: SHARED_FOLDER }],
  };
}

/** A native sidecar: the cluster ends it when the harness has ended, and its OOM kill is not that of the harness. */
function targetContainer({ image, ...size }: NonNullable<JobRequest['target']>): V1Container {
  return {
    name: CONTAINERS.target,
    image,
    imagePullPolicy: 'IfNotPresent',
    restartPolicy: 'Always',
    command: [AGENT.program, 'serve', AGENT.socket, TEMPORARY],
    resources: sized(size),
    securityContext: LOCKED_DOWN,
    volumeMounts: [
      { name: 'gctune', mountPath: SHARED_FOLDER },
      { name: 'target-tmp', mountPath: TEMPORARY },
    ],
  };
}

function harnessContainer(order: Order, { harnessImage, harnessCpus, secret }: ClusterSettings): V1Container {
  return {
    name: CONTAINERS.harness,
    image: harnessImage,
    imagePullPolicy: 'IfNotPresent',
    args: ['harness'],
    env: [
      { name: ORDER_VARIABLE, value: writeOrder(order) },
      { name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
      { name: 'HOME', value: TEMPORARY },
      // The target's data folders are made there, at a path that both have.
      { name: 'TMPDIR', value: SHARED_FOLDER },
    ],
    ...(secret === undefined ? {} : { envFrom: [{ secretRef: { name: secret } }] }),
    terminationMessagePolicy: 'File',
    resources: sized({ cpus: harnessCpus, memoryBytes: HARNESS_MEMORY }),
    securityContext: LOCKED_DOWN,
    volumeMounts: [
      { name: 'gctune', mountPath: SHARED_FOLDER },
      { name: 'results', mountPath: RESULTS_FOLDER },
      { name: 'tmp', mountPath: TEMPORARY },
    ],
  };
}

/** The same for request and limit, in whole CPUs: only so does a kubelet of the static policy give CPUs to a container alone. */
function sized({ cpus, memoryBytes }: ContainerSize): V1ResourceRequirements {
  const size = { cpu: String(cpus), memory: String(memoryBytes) };
  return { requests: size, limits: size };
}
