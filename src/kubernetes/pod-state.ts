import type { V1ContainerStateTerminated, V1Pod } from '@kubernetes/client-node';
import { plainText } from '../text/plain-text.ts';
import { BLOCK_USELESS, CONTAINERS } from './manifest.ts';

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

/** Whether the harness has ended with a result, which its log has. */
export function hasResult(pod: V1Pod): boolean {
  const { exitCode } = harnessEnd(pod) ?? {};
  return exitCode === 0 || exitCode === BLOCK_USELESS;
}

/**
 * Why a pod came to nothing, for people; undefined while it may still come to something: one that is to leave its node runs on until
 * it has been ended, and may print its result meanwhile.
 */
export function lossOf(pod: V1Pod): string | undefined {
  const { status } = pod;
  if (status?.phase !== 'Failed') return undefined;
  const disruption = disruptionOf(pod);
  if (disruption !== undefined) return disruption;
  // An exit code is only how it was ended then.
  if (status.reason !== undefined || status.message !== undefined) return said(status);
  if (pod.metadata?.deletionTimestamp !== undefined) return 'it was deleted';
  const end = harnessEnd(pod);
  const early = end === undefined ? failedBefore(pod) : undefined;
  if (early !== undefined) return `its container ${plainText(early.name)} ${endingOf(early.end)}`;
  if (end === undefined) return 'it failed';
  if (end.reason === 'OOMKilled') return 'its harness was OOM-killed';
  return `its harness ended with code ${end.exitCode}`;
}

/** The first container that failed before the harness could begin; undefined where none did. */
export function failedBefore({
  status,
}: V1Pod): { readonly name: string; readonly end: V1ContainerStateTerminated } | undefined {
  for (const { name, state, lastState } of status?.initContainerStatuses ?? []) {
    const end = state?.terminated ?? lastState?.terminated;
    if (end !== undefined && end.exitCode !== 0) return { name, end };
  }
  return undefined;
}

/** How a container ended, for people. */
export function endingOf({ exitCode, ...told }: V1ContainerStateTerminated): string {
  const why = said(told);
  return `ended with code ${exitCode}${why === '' ? '' : ` (${why})`}`;
}

/** Why a pod that is not there any more is not. */
export function whyGone(pod: V1Pod): string {
  return disruptionOf(pod) ?? 'it was deleted';
}

function disruptionOf({ status }: V1Pod): string | undefined {
  const condition = status?.conditions?.find(({ type, status: is }) => type === 'DisruptionTarget' && is === 'True');
  return condition === undefined ? undefined : `it was taken off its node (${said(condition) || 'disruption'})`;
}

function said({ reason, message }: { readonly reason?: string; readonly message?: string }): string {
  return plainText([reason, message].filter(Boolean).join(': '));
}
