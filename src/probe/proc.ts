import { parseProcStat, TICKS_PER_SECOND } from '../linux/proc-stat.ts';
import { KernelFile, isGone } from './kernel-file.ts';
import type { Figures, Probe } from './probe.ts';

/** The memory fields of /proc/PID/status (Linux Documentation/filesystems/proc.rst); `kB` there means KiB. */
const memoryFields = {
  VmRSS: 'rssBytes',
  RssAnon: 'rssAnonBytes',
  RssFile: 'rssFileBytes',
  VmHWM: 'peakRssBytes',
  VmSwap: 'swapBytes',
} as const;

/** The memory figures and the number of threads in the text of /proc/PID/status; undefined for a process without memory (a zombie). */
export function parseStatus(text: string): Figures | undefined {
  const figures: Partial<Record<(typeof memoryFields)[keyof typeof memoryFields] | 'threads', number>> = {};
  for (const [, name = '', value] of text.matchAll(
    /^(Threads|VmRSS|RssAnon|RssFile|VmHWM|VmSwap):[ \t]*(\d{1,15})\b/gm,
  )) {
    if (name === 'Threads') figures.threads = Number(value);
    else figures[memoryFields[name as keyof typeof memoryFields]] = Number(value) * 1024;
  }
  return figures.rssBytes === undefined ? undefined : figures;
}

/**
 * RSS, its parts, its peak and the CPU seconds of a process. CPU comes in clock ticks: /proc/PID/schedstat has
 * nanoseconds, but of the first thread alone, and the sum over /proc/PID/task loses threads that have ended. Where
 * the target has a cgroup of its own, that one counts all its threads in nanoseconds.
 */
export function procProbe(pid: number): Probe {
  const status = new KernelFile(`/proc/${pid}/status`);
  const stat = openBeside(status, `/proc/${pid}/stat`);
  return {
    id: 'proc',
    side: 'outside',
    read: async () => {
      try {
        const memory = parseStatus(status.read());
        const times = parseProcStat(stat.read());
        if (memory === undefined || times === undefined) return undefined;
        const stopped = times.state === 'T' || times.state === 't';
        return { ...memory, cpuSeconds: times.cpuTicks / TICKS_PER_SECOND, ...(stopped ? { stopped: 1 } : {}) };
      } catch (error) {
        if (isGone(error)) return undefined;
        throw error;
      }
    },
    [Symbol.asyncDispose]: async () => {
      status[Symbol.dispose]();
      stat[Symbol.dispose]();
    },
  };
}

/** Opens a second file, and closes the first where the process has ended in between. */
function openBeside(first: KernelFile, path: string): KernelFile {
  try {
    return new KernelFile(path);
  } catch (error) {
    first[Symbol.dispose]();
    throw error;
  }
}
