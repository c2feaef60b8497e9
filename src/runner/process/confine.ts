import type { Limits } from '../../experiment/experiment.ts';
import type { CgroupLimits } from '../cgroup.ts';
import { formatCpuList, parseCpuList } from '../../linux/cpu-list.ts';

/** How a process is held to its limits: by affinity, and by a cgroup. */
export interface Confinement {
  /** CPUs for `taskset`; undefined: any. */
  readonly affinity: string | undefined;
  readonly group: CgroupLimits;
  /** Why it cannot be done at all on this machine. */
  readonly impossible: string | undefined;
}

/**
 * Turns limits into affinity and quota. A whole number of CPUs becomes that many CPUs of the allowed ones (the last: interrupts and
 * much else prefer the first), because a quota stops and starts all threads and so bends latency; a fraction needs the quota.
 * `allowed`: the CPUs that this process may use; undefined where affinity cannot be set.
 */
export function confine(
  limits: Limits,
  cpuset: string | undefined,
  allowed: readonly number[] | undefined,
): Confinement {
  const { cpus, memoryBytes, pids } = limits;
  const asked = cpuset === undefined ? undefined : parseCpuList(cpuset);
  const problem = (text: string): Confinement => ({
    affinity: undefined,
    group: { cpus, memoryBytes, pids },
    impossible: text,
  });
  if (cpuset !== undefined && asked === undefined) return problem(`\`${cpuset}\` is not a list of CPUs`);
  if (allowed === undefined) {
    const group = { cpus, memoryBytes, pids };
    return { affinity: undefined, group, impossible: asked && 'CPU affinity cannot be set on this system' };
  }
  const absent = (asked ?? []).filter((cpu) => !allowed.includes(cpu));
  if (absent.length > 0) {
    return problem(`CPU ${formatCpuList(absent)} is not among the CPUs of this machine (${formatCpuList(allowed)})`);
  }
  const room = asked ?? allowed;
  if (cpus !== undefined && asked === undefined && cpus > room.length) {
    return problem(`${cpus} CPUs were requested, and there are ${room.length}`);
  }
  const whole = cpus !== undefined && Number.isInteger(cpus);
  const chosen = whole ? room.slice(-cpus) : asked;
  return {
    affinity: chosen === undefined ? undefined : formatCpuList(chosen),
    group: { cpus: whole ? undefined : cpus, memoryBytes, pids },
    impossible: undefined,
  };
}
