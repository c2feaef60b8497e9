import type { V1ContainerStateTerminated, V1Pod } from '@kubernetes/client-node';
import { plainText } from '../text/plain-text.ts';
import { CONTAINERS } from './manifest.ts';

/** The index of a pod of an Indexed Job; undefined of what is none. */
export function indexOf({ metadata }: V1Pod): number | undefined {
  const index = metadata?.annotations?.['batch.kubernetes.io/job-completion-index'];
  return index === undefined || !/^\d+$/.test(index) ? undefined : Number(index);
}

/** How the harness of a pod ended; undefined where it has not. */
export function harnessEnd({ status }: V1Pod): V1ContainerStateTerminated | undefined {
  return status?.containerStatuses?.find(({ name }) => name === CONTAINERS.harness)?.state?.terminated;
}

/** Whether the harness has begun, so that it may have printed something. */
export function harnessRuns({ status }: V1Pod): boolean {
  return status?.containerStatuses?.find(({ name }) => name === CONTAINERS.harness)?.state?.running !== undefined;
}

/** Why a pod came to nothing, for people; undefined while it may still come to something. */
export function lossOf(pod: V1Pod): string | undefined {
  const { status } = pod;
  const disrupted = status?.conditions?.find(({ type, status: is }) => type === 'DisruptionTarget' && is === 'True');
  if (disrupted !== undefined)
    return `it was taken off its node (${plainText(disrupted.reason ?? 'disruption')}${disrupted.message === undefined ? '' : `: ${plainText(disrupted.message)}`})`;
  if (status?.phase !== 'Failed') return undefined;
  if (pod.metadata?.deletionTimestamp !== undefined) return 'it was deleted';
  const end = harnessEnd(pod);
  if (end === undefined) return plainText([status.reason, status.message].filter(Boolean).join(': ') || 'it failed');
  if (end.reason === 'OOMKilled') return 'its harness was OOM-killed';
  return `its harness ended with code ${end.exitCode}`;
}
