import { mkdir, readdir, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CgroupMounts, CgroupPaths, CgroupPlace } from './cgroup-mounts.ts';
import { readIfPresent } from './proc.ts';

/** What a cgroup may use; undefined: as much as there is. */
export interface CgroupLimits {
  /** CPU seconds per second, by quota. */
  readonly cpus: number | undefined;
  /** Memory without swap. */
  readonly memoryBytes: number | undefined;
  readonly pids: number | undefined;
}

/** What a cgroup has used since it was made; a figure is left out where this kernel does not tell. */
export interface CgroupFigures {
  readonly cpuSeconds?: number;
  /** Peak of memory charged to the group, which counts page cache and kernel memory too. */
  readonly peakBytes?: number;
  readonly oomKills?: number;
}

/** A cgroup made for one trial. */
export interface Cgroup {
  readonly paths: CgroupPaths | undefined;
  /** A process joins by writing its pid to each of these files. */
  readonly joinFiles: readonly string[];
  figures(): Promise<CgroupFigures>;
  /** Kills every process that is left in it, and removes it. */
  remove(): Promise<void>;
}

/** The quota's period; the kernel's own default (sched-bwc.rst). */
const PERIOD_MICROSECONDS = 100_000;
const WANTED_V1 = ['memory', 'cpu', 'cpuacct', 'pids'];

/**
 * Makes a cgroup with limits. Version 1: at the root of each controller's mount, as container engines do. Version 2: in the nearest
 * place above our own that lets us have the controllers (processes may not live beside child groups, so our own group serves rarely).
 * Throws where a limit cannot be had, with the reason in the message; nothing is left behind then.
 */
export async function makeCgroup(name: string, limits: CgroupLimits, mounts: CgroupMounts): Promise<Cgroup> {
  return mounts.version === 1
    ? makeVersion1(name, limits, mounts.controllers)
    : makeVersion2(name, limits, mounts.unified);
}

async function makeVersion1(
  name: string,
  limits: CgroupLimits,
  controllers: Readonly<Record<string, CgroupPlace>>,
): Promise<Cgroup> {
  const folders: Record<string, string> = {};
  const made = new Set<string>();
  const remove = async (): Promise<void> => {
    for (const folder of made) await removeGroup(folder);
  };
  try {
    for (const controller of WANTED_V1) {
      const place = controllers[controller];
      if (place === undefined) continue;
      const folder = join(place.root, name);
      // cpu and cpuacct are often one mount.
      if (!made.has(folder)) await mkdir(folder);
      made.add(folder);
      folders[controller] = folder;
    }
    const set = async (controller: string, file: string, value: number): Promise<void> => {
      const folder = folders[controller];
      if (folder === undefined) throw new Error(`the ${controller} controller is not mounted`);
      await writeFile(join(folder, file), String(value));
    };
    if (limits.memoryBytes !== undefined) {
      await set('memory', 'memory.limit_in_bytes', limits.memoryBytes);
      // Absent where the kernel does not account swap; then there is nothing to set.
      const swap = join(folders['memory'] ?? '', 'memory.memsw.limit_in_bytes');
      if ((await readIfPresent(swap)) !== undefined) await writeFile(swap, String(limits.memoryBytes));
    }
    if (limits.cpus !== undefined) {
      await set('cpu', 'cpu.cfs_period_us', PERIOD_MICROSECONDS);
      await set('cpu', 'cpu.cfs_quota_us', Math.round(limits.cpus * PERIOD_MICROSECONDS));
    }
    if (limits.pids !== undefined && folders['pids'] !== undefined) await set('pids', 'pids.max', limits.pids);
  } catch (error) {
    await remove();
    throw error;
  }
  const { memory, cpu, cpuacct } = folders;
  return {
    paths:
      memory === undefined || cpu === undefined || cpuacct === undefined
        ? undefined
        : { version: 1, memory, cpu, cpuacct },
    joinFiles: [...made].map((folder) => join(folder, 'cgroup.procs')),
    figures: () => readCgroupFigures({ version: 1, memory: memory ?? '', cpu: cpu ?? '', cpuacct: cpuacct ?? '' }),
    remove,
  };
}

async function makeVersion2(name: string, limits: CgroupLimits, place: CgroupPlace): Promise<Cgroup> {
  const needed = [
    ...(limits.memoryBytes === undefined ? [] : ['memory']),
    ...(limits.cpus === undefined ? [] : ['cpu']),
  ];
  const reasons: string[] = [];
  for (let parent = place.own; ; parent = dirname(parent)) {
    const folder = join(parent, name);
    try {
      await enableControllers(parent, parent === place.root ? ['memory', 'cpu', 'pids'] : []);
      const enabled = ((await readIfPresent(join(parent, 'cgroup.subtree_control'))) ?? '').trim().split(/\s+/);
      const missing = needed.filter((controller) => !enabled.includes(controller));
      if (missing.length > 0) throw new Error(`${parent} does not pass on ${missing.join(' and ')}`);
      await mkdir(folder);
      try {
        const set = (file: string, value: string): Promise<void> => writeFile(join(folder, file), value);
        if (limits.memoryBytes !== undefined) {
          await set('memory.max', String(limits.memoryBytes));
          if ((await readIfPresent(join(folder, 'memory.swap.max'))) !== undefined) await set('memory.swap.max', '0');
        }
        if (limits.cpus !== undefined) {
          await set('cpu.max', `${Math.round(limits.cpus * PERIOD_MICROSECONDS)} ${PERIOD_MICROSECONDS}`);
        }
        if (limits.pids !== undefined && enabled.includes('pids')) await set('pids.max', String(limits.pids));
      } catch (error) {
        await removeGroup(folder);
        throw error;
      }
      const paths: CgroupPaths = { version: 2, memory: folder, cpu: folder, cpuacct: folder };
      return {
        paths,
        joinFiles: [join(folder, 'cgroup.procs')],
        figures: () => readCgroupFigures(paths),
        remove: () => removeGroup(folder),
      };
    } catch (error) {
      reasons.push((error as Error).message);
    }
    if (parent === place.root || !parent.startsWith(place.root)) throw new Error(reasons.join('; '));
  }
}

/** On a machine without systemd nobody has passed the controllers on from the root yet. Where it cannot be done, the caller finds them missing. */
async function enableControllers(parent: string, controllers: readonly string[]): Promise<void> {
  const enabled = (await readIfPresent(join(parent, 'cgroup.subtree_control'))) ?? '';
  for (const controller of controllers.filter((name) => !enabled.split(/\s+/).includes(name))) {
    await writeFile(join(parent, 'cgroup.subtree_control'), `+${controller}`).catch(() => undefined);
  }
}

/** Reads what a cgroup has used. */
export async function readCgroupFigures(paths: CgroupPaths): Promise<CgroupFigures> {
  const [cpu, peak, events] = await Promise.all(
    paths.version === 1
      ? [
          readIfPresent(join(paths.cpuacct, 'cpuacct.usage')),
          readIfPresent(join(paths.memory, 'memory.max_usage_in_bytes')),
          readIfPresent(join(paths.memory, 'memory.oom_control')),
        ]
      : [
          readIfPresent(join(paths.cpuacct, 'cpu.stat')),
          readIfPresent(join(paths.memory, 'memory.peak')),
          readIfPresent(join(paths.memory, 'memory.events')),
        ],
  );
  // Version 1 counts CPU in nanoseconds (cpuacct.usage), version 2 in microseconds (cpu.stat, usage_usec).
  const cpuSeconds = paths.version === 1 ? Number(cpu) / 1e9 : Number(valueOf(cpu, 'usage_usec')) / 1e6;
  const oomKills = valueOf(events, 'oom_kill');
  return {
    ...(cpu !== undefined && Number.isFinite(cpuSeconds) ? { cpuSeconds } : {}),
    ...(peak !== undefined && Number.isFinite(Number(peak)) ? { peakBytes: Number(peak) } : {}),
    ...(oomKills === undefined ? {} : { oomKills: Number(oomKills) }),
  };
}

function valueOf(text: string | undefined, key: string): string | undefined {
  return text
    ?.split('\n')
    .find((line) => line.startsWith(`${key} `))
    ?.slice(key.length + 1);
}

/** The processes in a group. */
export async function readGroupPids(folder: string): Promise<readonly number[]> {
  const text = await readIfPresent(join(folder, 'cgroup.procs'));
  return text === undefined ? [] : text.split('\n').filter(Boolean).map(Number);
}

/** Kills what is in a group and in the groups below it, and removes its folder; a group that is gone already is no error. Gives up after two seconds. */
export async function removeGroup(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries.filter((each) => each.isDirectory())) await removeGroup(join(folder, entry.name));
  for (let attempt = 0; ; attempt += 1) {
    for (const pid of await readGroupPids(folder)) {
      // 0 is a process of another pid namespace; never signal our own group by it.
      if (pid > 1 && pid !== process.pid) tryKill(pid, 'SIGKILL');
    }
    try {
      await rmdir(folder);
      return;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return;
      // EBUSY: a killed process has not left yet.
      if (code !== 'EBUSY' || attempt >= 200) throw error;
    }
    await sleep(10);
  }
}

/** Signals a process or, with a negative number, a group; false where there is none. */
export function tryKill(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** The groups of ours on this machine, whichever run made them: every folder whose name begins so, at most `depth` levels down. */
export async function findGroups(prefix: string, mounts: CgroupMounts, depth = 6): Promise<readonly string[]> {
  const roots =
    mounts.version === 2 ? [mounts.unified.root] : Object.values(mounts.controllers).map((place) => place.root);
  const found: string[] = [];
  const walk = async (folder: string, left: number): Promise<void> => {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    for (const entry of entries.filter((each) => each.isDirectory())) {
      if (entry.name.startsWith(prefix)) found.push(join(folder, entry.name));
      else if (left > 1) await walk(join(folder, entry.name), left - 1);
    }
  };
  // Version 1 groups are made at the root only.
  for (const root of new Set(roots)) await walk(root, mounts.version === 1 ? 1 : depth);
  return found;
}
