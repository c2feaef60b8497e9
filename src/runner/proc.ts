import { readFile, readdir, readlink } from 'node:fs/promises';
import { parseProcStat, TICKS_PER_SECOND, type ProcStat } from '../linux/proc-stat.ts';

/** Reads `/proc/<pid>/stat`; undefined where there is no such process, or no /proc. */
export async function readProcStat(pid: number | 'self'): Promise<ProcStat | undefined> {
  const text = await readIfPresent(`/proc/${pid}/stat`);
  return text === undefined ? undefined : parseProcStat(text);
}

/** CPU seconds of the ended children of this process that it has waited for, with those that these waited for. */
export async function childCpuSeconds(): Promise<number | undefined> {
  const stat = await readProcStat('self');
  return stat === undefined ? undefined : stat.childCpuTicks / TICKS_PER_SECOND;
}

/** When a process began, Unix seconds, good to about 10 ms; undefined where /proc does not tell. */
export async function processStartUnixSeconds(pid: number): Promise<number | undefined> {
  const [stat, uptime] = await Promise.all([readProcStat(pid), readIfPresent('/proc/uptime')]);
  if (stat === undefined || uptime === undefined) return undefined;
  const ageSeconds = Number.parseFloat(uptime) - stat.startTicks / TICKS_PER_SECOND;
  return Date.now() / 1000 - ageSeconds;
}

/** The numbers of all processes that this machine shows; empty without /proc. */
export async function listPids(): Promise<readonly number[]> {
  try {
    return (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  } catch {
    return [];
  }
}

/** The program a process runs; undefined where it is gone or not ours to see. */
export async function readExe(pid: number): Promise<string | undefined> {
  try {
    return await readlink(`/proc/${pid}/exe`);
  } catch {
    return undefined;
  }
}

/** A text file's contents, or undefined where it cannot be read (absent, gone, not permitted). */
export async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}
