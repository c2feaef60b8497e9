import { join, relative } from 'node:path';
import { readIfPresent } from './proc.ts';

/** Where the kernel's control groups are mounted, with this process's or another's own place in them. */
export type CgroupMounts =
  | { readonly version: 1; readonly controllers: Readonly<Record<string, CgroupPlace>> }
  | { readonly version: 2; readonly unified: CgroupPlace };

/** A mounted hierarchy and the folder in it where a process is; `own` is the root where that place lies outside the mount. */
export interface CgroupPlace {
  readonly root: string;
  readonly own: string;
}

/** Absolute folders of one process's cgroup, as a Daemon tells them. */
export interface CgroupPaths {
  readonly version: 1 | 2;
  readonly memory: string;
  readonly cpu: string;
  readonly cpuacct: string;
}

/**
 * Reads where the control groups are, from `/proc/<pid>/cgroup` and our own mounts. Version 1 wins where it holds the
 * memory controller (a hybrid machine mounts an empty version 2 beside it). Undefined where there are none.
 */
export async function cgroupMounts(pid: number | 'self' = 'self'): Promise<CgroupMounts | undefined> {
  const [mounts, groups] = await Promise.all([
    readIfPresent('/proc/self/mountinfo'),
    readIfPresent(`/proc/${pid}/cgroup`),
  ]);
  return mounts === undefined || groups === undefined ? undefined : parseCgroupMounts(mounts, groups);
}

/** The parsing half of cgroupMounts: the text of mountinfo (proc_pid_mountinfo(5)) and of `/proc/<pid>/cgroup` (cgroups(7)). */
export function parseCgroupMounts(mountinfo: string, cgroup: string): CgroupMounts | undefined {
  const groupOf = new Map<string, string>();
  for (const line of cgroup.split('\n')) {
    const [, controllers, ...path] = line.split(':');
    if (controllers === undefined) continue;
    for (const controller of controllers.split(',')) groupOf.set(controller, path.join(':'));
  }
  const controllers: Record<string, CgroupPlace> = {};
  let unified: CgroupPlace | undefined;
  for (const line of mountinfo.split('\n')) {
    const [left, right] = line.split(' - ');
    const [, , , mounted, mountPoint] = left?.split(' ') ?? [];
    const [type, , options] = right?.split(' ') ?? [];
    if (mounted === undefined || mountPoint === undefined || options === undefined) continue;
    const root = unescapeMount(mountPoint);
    const placeOf = (group: string | undefined): CgroupPlace => ({
      root,
      own: placeInMount(root, unescapeMount(mounted), group),
    });
    if (type === 'cgroup2') unified ??= placeOf(groupOf.get(''));
    if (type === 'cgroup') {
      for (const controller of options.split(',')) {
        if (groupOf.has(controller)) controllers[controller] ??= placeOf(groupOf.get(controller));
      }
    }
  }
  if (controllers['memory'] !== undefined || controllers['cpu'] !== undefined) return { version: 1, controllers };
  return unified === undefined ? undefined : { version: 2, unified };
}

/** The folders of a process's cgroup; undefined where the process is gone or its groups cannot be seen from here. */
export async function cgroupPathsOf(pid: number): Promise<CgroupPaths | undefined> {
  const mounts = await cgroupMounts(pid);
  if (mounts === undefined) return undefined;
  if (mounts.version === 2) {
    const { own } = mounts.unified;
    return { version: 2, memory: own, cpu: own, cpuacct: own };
  }
  const { memory, cpu, cpuacct } = mounts.controllers;
  if (memory === undefined || cpu === undefined || cpuacct === undefined) return undefined;
  return { version: 1, memory: memory.own, cpu: cpu.own, cpuacct: cpuacct.own };
}

/** The folders of a container's cgroup, by its first process; undefined where this machine cannot see them: the engine is in a virtual machine or elsewhere. */
export async function containerCgroup(pid: number, containerId: string): Promise<CgroupPaths | undefined> {
  if (pid <= 0) return undefined;
  const paths = await cgroupPathsOf(pid);
  return paths?.memory.includes(containerId) === true ? paths : undefined;
}

/** A mount may show only a part of the hierarchy (`mounted`, as in a container): paths count from there. */
function placeInMount(root: string, mounted: string, group: string | undefined): string {
  const path = relative(mounted, group ?? mounted);
  return path === '..' || path.startsWith('../') ? root : join(root, path);
}

/** mountinfo writes blanks, tabs, line ends and backslashes as three octal digits. */
function unescapeMount(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
