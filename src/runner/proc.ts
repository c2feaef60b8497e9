import { readFile, readdir, readlink } from 'node:fs/promises';

/** Clock ticks a second in `/proc`: USER_HZ, 100 on every architecture that Go supports (proc_pid_stat(5)). */
export const TICKS_PER_SECOND = 100;

/** The fields of `/proc/<pid>/stat` that the runners use. */
export interface ProcStat {
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  /** Since boot, in ticks. Together with the pid it names a process for as long as the machine is up. */
  readonly startTicks: number;
}

/** Parses a line of `/proc/<pid>/stat`. The program's name may hold spaces and brackets, so fields count from the last bracket. */
export function parseProcStat(line: string): ProcStat {
  const fields = line
    .slice(line.lastIndexOf(')') + 2)
    .trim()
    .split(' ');
  const field = (number: number): number => Number(fields[number - 3]);
  return { state: fields[0] ?? '', parent: field(4), group: field(5), startTicks: field(22) };
}

/** Reads `/proc/<pid>/stat`; undefined where there is no such process, or no /proc. */
export async function readProcStat(pid: number | 'self'): Promise<ProcStat | undefined> {
  const text = await readIfPresent(`/proc/${pid}/stat`);
  return text === undefined ? undefined : parseProcStat(text);
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
