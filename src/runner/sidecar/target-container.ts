import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { EnvironmentError } from '../../errors.ts';
import { parseCpuList } from '../../linux/cpu-list.ts';
import { parseCgroupMounts, type CgroupMounts, type CgroupPaths } from '../cgroup-mounts.ts';
import { readExe, readIfPresent } from '../proc.ts';
import { lookAtAgent } from './agent.ts';

/** The container in which the agent runs and the target will, as it is seen from the container beside it. */
export interface TargetContainer {
  readonly agentPid: number;
  /** Where its root is from here. */
  readonly root: string;
  /** Its PATH and working directory. */
  readonly path: string;
  readonly directory: string;
  /** CPUs that it may run on, and that it has; undefined where this cannot be told. */
  readonly cpus: readonly number[] | undefined;
  /** CPU seconds per second, by quota; undefined: without one. */
  readonly cpuQuota: number | undefined;
  readonly memoryLimitBytes: number | undefined;
  /** Folders of its cgroup, as far as it can see them itself. */
  readonly cgroup: CgroupPaths | undefined;
}

/** Looks at the container of the agent at this socket. Throws EnvironmentError `agent-…` and `processes-not-shared`. */
export async function lookAtContainer(
  socket: string,
  waitSeconds: number,
  signal: AbortSignal,
): Promise<TargetContainer> {
  const { pid, path, directory } = await lookAtAgent(socket, waitSeconds, signal);
  const root = `/proc/${pid}/root`;
  if ((await readExe(pid)) === undefined) {
    throw new EnvironmentError(
      'processes-not-shared',
      `The processes of the target’s container cannot be seen (its agent is process ${pid} there)`,
      { hint: 'set shareProcessNamespace for the pod, and the same runAsUser for both containers' },
    );
  }
  const [mounts, groups, status] = await Promise.all(
    ['mountinfo', 'cgroup', 'status'].map((name) => readIfPresent(`/proc/${pid}/${name}`)),
  );
  const cgroup = pathsIn(root, parseCgroupMounts(mounts ?? '', groups ?? ''));
  const allowed = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status ?? '')?.[1];
  return {
    agentPid: pid,
    root,
    path,
    directory,
    cpus: allowed === undefined ? undefined : parseCpuList(allowed),
    ...(cgroup === undefined ? { cpuQuota: undefined, memoryLimitBytes: undefined } : await limitsOf(cgroup)),
    cgroup,
  };
}

/** The folders of a cgroup seen through the root of another process. */
function pathsIn(root: string, mounts: CgroupMounts | undefined): CgroupPaths | undefined {
  if (mounts === undefined) return undefined;
  if (mounts.version === 2) {
    const own = join(root, mounts.unified.own);
    return { version: 2, memory: own, cpu: own, cpuacct: own };
  }
  const { memory, cpu, cpuacct } = mounts.controllers;
  if (memory === undefined || cpu === undefined || cpuacct === undefined) return undefined;
  return { version: 1, memory: join(root, memory.own), cpu: join(root, cpu.own), cpuacct: join(root, cpuacct.own) };
}

/** The kernel's word for no limit in version 1 is a number near 2^63 (memory.rst). */
const UNLIMITED_BYTES = 2 ** 60;

async function limitsOf({
  version,
  memory,
  cpu,
}: CgroupPaths): Promise<Pick<TargetContainer, 'cpuQuota' | 'memoryLimitBytes'>> {
  const read = (folder: string, file: string): Promise<string | undefined> => readIfPresent(join(folder, file));
  const [limit, ...quota] = await Promise.all(
    version === 1
      ? [read(memory, 'memory.limit_in_bytes'), read(cpu, 'cpu.cfs_quota_us'), read(cpu, 'cpu.cfs_period_us')]
      : [read(memory, 'memory.max'), read(cpu, 'cpu.max')],
  );
  // Version 2 has both numbers in one file, and `max` for none; version 1 has -1.
  const [most, period] = quota.join(' ').trim().split(/\s+/).map(Number);
  const bytes = Number(limit);
  return {
    cpuQuota: most !== undefined && period !== undefined && most > 0 ? most / period : undefined,
    memoryLimitBytes: limit !== undefined && bytes > 0 && bytes < UNLIMITED_BYTES ? bytes : undefined,
  };
}

/** How often the kernel has killed in a cgroup for want of memory. */
export interface OomCounter extends AsyncDisposable {
  /** Undefined where it does not tell (any more). */
  read(): Promise<number | undefined>;
}

/**
 * Holds the counter of a cgroup open. The kernel may kill every process of the container at once (memory.oom.group), the agent
 * with them, and then there is no path to its files any more, but what is open can be read until the cgroup is removed.
 */
export async function openOomCounter(cgroup: CgroupPaths | undefined): Promise<OomCounter> {
  const file: FileHandle | undefined =
    cgroup === undefined
      ? undefined
      : await open(join(cgroup.memory, cgroup.version === 1 ? 'memory.oom_control' : 'memory.events')).catch(
          () => undefined,
        );
  return {
    read: async () => {
      const { buffer, bytesRead } = (await file?.read(Buffer.alloc(4096), 0, 4096, 0).catch(() => undefined)) ?? {};
      const found = /^oom_kill (\d+)$/m.exec(buffer?.toString('utf8', 0, bytesRead) ?? '')?.[1];
      return found === undefined ? undefined : Number(found);
    },
    [Symbol.asyncDispose]: async () => file?.close(),
  };
}
