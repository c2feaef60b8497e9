import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import type { Figures, Probe } from './probe.ts';

/** Enough for /proc/PID/status and /proc/PID/stat. */
const bufferBytes = 8192;

/** The memory fields of /proc/PID/status (Linux Documentation/filesystems/proc.rst); `kB` there means KiB. */
const statusFields = {
  VmRSS: 'rssBytes',
  RssAnon: 'rssAnonBytes',
  RssFile: 'rssFileBytes',
  VmHWM: 'peakRssBytes',
  VmSwap: 'swapBytes',
} as const;

/** The memory figures and the number of threads in the text of /proc/PID/status; undefined for a process without memory (a zombie). */
export function parseStatus(text: string): Figures | undefined {
  const figures: Partial<Record<(typeof statusFields)[keyof typeof statusFields] | 'threads', number>> = {};
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon);
    const value = Number.parseInt(line.slice(colon + 1), 10);
    if (!Number.isFinite(value)) continue;
    if (name === 'Threads') figures.threads = value;
    else if (Object.hasOwn(statusFields, name)) figures[statusFields[name as keyof typeof statusFields]] = value * 1024;
  }
  return figures.rssBytes === undefined ? undefined : figures;
}

/** utime + stime and the start time, in clock ticks, of the text of /proc/PID/stat. The name may hold blanks and parentheses. */
export function parseStat(text: string): { readonly cpuTicks: number; readonly startTicks: number } | undefined {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [user, system, start] = [fields[11], fields[12], fields[19]].map(Number);
  if (user === undefined || system === undefined || start === undefined) return undefined;
  if (![user, system, start].every(Number.isFinite)) return undefined;
  return { cpuTicks: user + system, startTicks: start };
}

/** Ticks of a second in /proc (USER_HZ): 100 nearly everywhere, but the system is asked. */
export function clockTicks(): number {
  try {
    return Number.parseInt(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }), 10) || 100;
  } catch {
    return 100;
  }
}

/** Unix seconds at which a process began, to a tick; undefined where /proc does not tell. */
export function processStartUnixSeconds(pid: number): number | undefined {
  try {
    const stat = parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    // btime is cut to whole seconds; uptime and the clock give the boot to a hundredth.
    const uptime = Number.parseFloat(readFileSync('/proc/uptime', 'utf8'));
    return stat === undefined ? undefined : Date.now() / 1000 - uptime + stat.startTicks / clockTicks();
  } catch {
    return undefined;
  }
}

/** RSS, its parts, its peak and the CPU seconds of a process. The files stay open: a read is two system calls. */
export function procProbe(pid: number): Probe {
  const buffer = Buffer.alloc(bufferBytes);
  const ticks = clockTicks();
  const files = [`/proc/${pid}/status`, `/proc/${pid}/stat`].map((path) => openSync(path, 'r'));
  let open = true;
  const text = (file: number | undefined): string =>
    buffer.toString('latin1', 0, readSync(file ?? -1, buffer, 0, bufferBytes, 0));
  return {
    id: 'proc',
    side: 'outside',
    read: async () => {
      try {
        const memory = parseStatus(text(files[0]));
        const stat = parseStat(text(files[1]));
        if (memory === undefined || stat === undefined) return undefined;
        return { ...memory, cpuSeconds: stat.cpuTicks / ticks };
      } catch (error) {
        if (isGone(error)) return undefined;
        throw error;
      }
    },
    [Symbol.asyncDispose]: async () => {
      if (open) for (const file of files) closeSync(file);
      open = false;
    },
  };
}

/** Whether an error says that the process is no more. */
export function isGone(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ESRCH' || code === 'ENOENT' || code === 'ENODEV';
}
