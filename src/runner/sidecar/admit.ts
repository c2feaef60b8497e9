import { EnvironmentError } from '../../errors.ts';
import type { Limits } from '../../experiment/experiment.ts';
import { formatCpuList, parseCpuList } from '../../linux/cpu-list.ts';
import type { Warning } from '../../metrics/warning.ts';
import type { TargetContainer } from './target-container.ts';

/** How far a CPU quota may be from what was asked: the kernel keeps whole microseconds of it. */
const QUOTA_TOLERANCE = 0.001;

/**
 * Compares the limits that were asked for with those that the pod gave the container, which nothing in the pod can change. Throws
 * EnvironmentError `limit-not-enforceable` where a required one differs; else returns a warning.
 */
export function admitInContainer(
  { cpus, cpuQuota, memoryLimitBytes }: Pick<TargetContainer, 'cpus' | 'cpuQuota' | 'memoryLimitBytes'>,
  limits: Limits,
  cpuset: string | undefined,
): readonly Warning[] {
  const reasons: string[] = [];
  const asked = limits.memoryBytes;
  if (asked !== undefined && asked !== memoryLimitBytes) {
    reasons.push(`${asked} bytes of memory were requested, and the container has ${bytesText(memoryLimitBytes)}`);
  }
  // A container with CPUs of its own has no quota: their number is the limit.
  const has = cpuQuota ?? cpus?.length;
  if (limits.cpus !== undefined && (has === undefined || Math.abs(has - limits.cpus) > QUOTA_TOLERANCE)) {
    reasons.push(`${limits.cpus} CPUs were requested, and the container has ${has ?? 'no limit that can be seen'}`);
  }
  const pinned = cpuset === undefined ? [] : (parseCpuList(cpuset) ?? []);
  if (cpus !== undefined && pinned.some((cpu) => !cpus.includes(cpu))) {
    reasons.push(`CPU ${cpuset} was requested, and the container may run on ${formatCpuList(cpus)}`);
  }
  if (reasons.length === 0) return [];
  const message = `The limits are not those of the pod’s container: ${reasons.join('; ')}`;
  if (!limits.required) return [{ code: 'limit-not-enforced', message: `${message}; the trials run without them` }];
  throw new EnvironmentError('limit-not-enforceable', message, {
    hint: 'the limits of the container are those of the pod: set them there, or `limits.required: false`',
  });
}

function bytesText(bytes: number | undefined): string {
  return bytes === undefined ? 'no limit' : `${bytes}`;
}
