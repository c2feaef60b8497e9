import { createHash } from 'node:crypto';
import { readlink } from 'node:fs/promises';
import { execa } from 'execa';
import { readIfPresent, readProcStat } from './proc.ts';

/** Name of the environment variable and, with a dot, of the label under which the owner's mark is kept. */
export const MARKS = {
  env: { run: 'GCTUNE_RUN', trial: 'GCTUNE_TRIAL', owner: 'GCTUNE_OWNER' },
  label: { run: 'gctune.run', trial: 'gctune.trial', owner: 'gctune.owner' },
} as const;

/**
 * Marks this process as the owner of what it starts: `pid:start:boot:pid namespace:machine`.
 * The start time tells a reused pid from the owner; boot, namespace and machine tell where the pid has a meaning,
 * because labels in an engine outlive a boot and can be seen from other machines and from containers.
 */
export async function ownerMark(): Promise<string> {
  const [start, boot, namespace, machine] = await Promise.all([
    startOf(process.pid),
    readIfPresent('/proc/sys/kernel/random/boot_id'),
    readlink('/proc/self/ns/pid').catch(() => ''),
    readIfPresent('/etc/machine-id'),
  ]);
  return [
    process.pid,
    start ?? '-',
    boot?.trim().slice(0, 8) ?? '-',
    /\d+/.exec(namespace)?.[0] ?? '-',
    machineMark(machine?.trim() ?? ''),
  ].join(':');
}

/** An image has an empty machine id or `uninitialized` (machine-id(5)), which many machines share: it tells no more than none. */
function machineMark(id: string): string {
  if (!/^[0-9a-f]{32}$/i.test(id)) return '-';
  return createHash('sha256').update(`gctune ${id}`).digest('hex').slice(0, 8);
}

/** Whether the gctune of a mark still lives. `unknown`: it belongs to another machine or container and cannot be judged from here. */
export async function ownerState(mark: string): Promise<'alive' | 'dead' | 'unknown'> {
  const [pid, start, boot, namespace, machine] = mark.split(':');
  const [, , ownBoot, ownNamespace, ownMachine] = (await ownerMark()).split(':');
  if (pid === undefined || !/^\d+$/.test(pid) || start === undefined || machine !== ownMachine) return 'unknown';
  // Without a machine id another boot could as well be another machine.
  if (boot !== ownBoot) return machine === '-' ? 'unknown' : 'dead';
  if (namespace !== ownNamespace) return 'unknown';
  return (await startOf(Number(pid))) === start ? 'alive' : 'dead';
}

/** Whether what killed runs left may be judged as left behind: its gctune is dead, or cannot be judged and the run was named. */
export async function isLeft(owner: string, named: boolean): Promise<boolean> {
  const state = await ownerState(owner);
  return state === 'dead' || (state === 'unknown' && named);
}

/** Whether the pids that the owner of a mark saw are those of this boot, namespace and machine. */
export async function sharesPids(mark: string): Promise<boolean> {
  const placeOf = (each: string): string => each.split(':').slice(2).join(':');
  return placeOf(mark) === placeOf(await ownerMark());
}

/** Something that tells one life of a pid from the next: ticks since boot, or a digest of the date where there is no /proc. */
async function startOf(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    const stat = await readProcStat(pid);
    return stat === undefined || stat.state === 'Z' ? undefined : String(stat.startTicks);
  }
  const ps = await execa('ps', ['-o', 'lstart=', '-p', String(pid)], { reject: false, timeout: 5000 });
  const text = ps.stdout.trim();
  return text === '' ? undefined : createHash('sha256').update(text).digest('hex').slice(0, 12);
}
