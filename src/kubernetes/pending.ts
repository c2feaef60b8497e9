import type { CoreV1Event, V1Node, V1Pod } from '@kubernetes/client-node';
import { EnvironmentError } from '../errors.ts';
import { formatBytes } from '../units/format-units.ts';
import { plainText } from '../text/plain-text.ts';
import { counted } from '../text/words.ts';
import type { JobRequest } from './manifest.ts';
import { endingOf } from './pod-state.ts';

/** Why a pod does not run, as the cluster has it. */
export interface Waiting {
  /** The same for as long as the reason is. */
  readonly reason: string;
  /** One line for people. */
  readonly message: string;
  /** Waiting alone does not help: an image is on no node, a Secret is missing, a pod is refused. */
  readonly stuck: 'image-missing' | 'pod-not-started' | undefined;
}

const IMAGE_REASONS: ReadonlySet<string> = new Set([
  'ErrImageNeverPull',
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ImageInspectError',
]);
const CONFIG_REASONS: ReadonlySet<string> = new Set([
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'StartError',
]);

/** Why a pod is pending; undefined where it is not, or nothing tells yet. */
export function waitingOf(pod: V1Pod, events: readonly CoreV1Event[]): Waiting | undefined {
  const { status } = pod;
  if (status?.phase !== 'Pending' && status?.phase !== 'Running') return undefined;
  const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  for (const { name, image, state, lastState } of containers) {
    const { reason = '', message = '' } = state?.waiting ?? {};
    // In a pod that runs it is the target's, whose container the kernel ends with a trial for want of memory.
    if (reason === 'CrashLoopBackOff' && status.phase === 'Pending' && lastState?.terminated !== undefined)
      return {
        reason: `${reason} ${name}`,
        message: `container ${plainText(name)} ${endingOf(lastState.terminated)}, again and again`,
        stuck: 'pod-not-started',
      };
    const known = IMAGE_REASONS.has(reason)
      ? 'image-missing'
      : CONFIG_REASONS.has(reason)
        ? 'pod-not-started'
        : undefined;
    if (known === undefined) continue;
    const what = known === 'image-missing' ? `image ${plainText(image)}` : `container ${plainText(name)}`;
    return {
      reason: `${known} ${image}`,
      message: `${what} cannot be used: ${plainText(message === '' ? reason : message)}`,
      stuck: known,
    };
  }
  if (status.phase === 'Running') return undefined;
  const scheduled = status.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False') {
    const said = plainText(scheduled.message ?? scheduled.reason ?? 'the scheduler does not say why');
    return { reason: said, message: `it is on no node: ${said}`, stuck: undefined };
  }
  const last = lastWarning(events, 'Pod', pod.metadata?.name);
  if (last === undefined) return undefined;
  return { reason: last.reason ?? '', message: plainText(`${last.reason}: ${last.message}`), stuck: undefined };
}

/** Why a Job has no pods: its namespace refuses them, or a quota is used up; undefined where nothing tells. */
export function refusalOf(job: string, events: readonly CoreV1Event[]): string | undefined {
  const last = lastWarning(events, 'Job', job);
  return last?.reason === 'FailedCreate' ? plainText(last.message ?? '') : undefined;
}

function lastWarning(events: readonly CoreV1Event[], kind: string, name: string | undefined): CoreV1Event | undefined {
  return events
    .filter(
      ({ type, involvedObject }) => type === 'Warning' && involvedObject.kind === kind && involvedObject.name === name,
    )
    .toSorted((a, b) => timeOf(a) - timeOf(b))
    .at(-1);
}

function timeOf({ lastTimestamp, eventTime, metadata }: CoreV1Event): number {
  return new Date(lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? 0).getTime();
}

/**
 * Refuses a pod that no node could ever take, however empty. Throws EnvironmentError `nodes-too-small`. Of nodes that are not to be
 * seen the scheduler tells.
 */
export function checkNodes(nodes: readonly V1Node[], { target, settings }: JobRequest): void {
  const cpus = (target?.cpus ?? 0) + settings.harnessCpus;
  const selected = nodes.filter(({ metadata }) =>
    Object.entries(settings.nodeSelector).every(([key, value]) => metadata?.labels?.[key] === value),
  );
  if (selected.length === 0) {
    const labels = Object.entries(settings.nodeSelector).map((pair) => pair.join('='));
    throw new EnvironmentError(
      'no-such-node',
      `no node has the label${labels.length === 1 ? '' : 's'} ${labels.map(plainText).join(', ')}`,
      {
        hint: 'kubectl get nodes --show-labels shows what they have',
      },
    );
  }
  const roomiest = Math.max(...selected.map((node) => cpusOf(node.status?.allocatable?.['cpu'])));
  if (roomiest < cpus) {
    throw new EnvironmentError(
      'nodes-too-small',
      `a pod needs ${counted(cpus, 'whole CPU')} (${target?.cpus ?? 0} for the target, ${settings.harnessCpus} for load and probes), and the largest of ${counted(selected.length, 'node')} has ${roomiest} for pods`,
      { hint: 'use larger nodes, or lower limits.cpus or --harness-cpus' },
    );
  }
  const memory = Math.max(...selected.map((node) => bytesOf(node.status?.allocatable?.['memory'])));
  if (target !== undefined && memory < target.memoryBytes)
    throw new EnvironmentError(
      'nodes-too-small',
      `the target needs ${formatBytes(target.memoryBytes)}, and the largest of ${counted(selected.length, 'node')} has ${formatBytes(memory)} for pods`,
      { hint: 'use larger nodes, or lower limits.memory' },
    );
}

/** `4`, `3920m`. */
function cpusOf(quantity: string | undefined): number {
  const [, number, milli] = /^(\d+(?:\.\d+)?)(m?)$/.exec(quantity ?? '') ?? [];
  return number === undefined ? Infinity : Number(number) / (milli === 'm' ? 1000 : 1);
}

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** `16383472Ki`. What is written otherwise is taken for enough. */
function bytesOf(quantity: string | undefined): number {
  const [, number, unit = ''] = /^(\d+)([kMGT]i?|Ki)?$/.exec(quantity ?? '') ?? [];
  return number === undefined ? Infinity : Number(number) * (UNITS[unit] ?? Infinity);
}
