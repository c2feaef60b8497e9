import type { KernelFacts } from '../../analysis/explain/process-view.ts';
import type { CgroupMemory } from '../../linux/cgroup-memory.ts';
import { readCgroupMemory } from '../../probe/cgroup.ts';
import { readGoEnvironment, readSmaps } from '../../probe/process-memory.ts';
import { cgroupMounts } from '../../runner/cgroup-mounts.ts';

/** What the kernel says of a process beside its RSS: its mappings, the Go settings of its environment, and its cgroup. */
export async function processFacts(pid: number | undefined): Promise<KernelFacts> {
  if (pid === undefined || process.platform !== 'linux') return {};
  const [smaps, environment, cgroup] = await Promise.all([readSmaps(pid), readGoEnvironment(pid), cgroupOf(pid)]);
  return { smaps, environment, cgroup };
}

/** A cgroup that somebody made for this program: one of a container engine's, or one with a limit. */
async function cgroupOf(pid: number): Promise<CgroupMemory | undefined> {
  const mounts = await cgroupMounts(pid);
  const place = mounts?.version === 1 ? mounts.controllers['memory'] : mounts?.unified;
  if (mounts === undefined || place === undefined) return undefined;
  const memory = await readCgroupMemory(mounts.version, place.own);
  const own = /docker|kubepods|containerd|crio|libpod|lxc|gctune/.test(place.own) || memory?.limitBytes !== undefined;
  return own ? memory : undefined;
}
