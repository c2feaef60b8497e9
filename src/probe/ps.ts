import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Figures, Probe } from './probe.ts';

const run = promisify(execFile);

/**
 * `rss time` as ps prints them: KiB, and `[[days-]hours:]minutes:seconds`, where macOS and BSD add hundredths and let
 * minutes run on beyond 60. Undefined for anything else.
 */
export function parsePs(text: string): Figures | undefined {
  const match = /^\s*(\d{1,15})\s+(?:(\d{1,6})-)?(?:(\d{1,9}):)?(\d{1,9}):(\d{1,2}(?:[.,]\d{1,9})?)\s*$/.exec(text);
  if (match === null) return undefined;
  const [, kibibytes, days = 0, hours = 0, minutes, seconds = ''] = match;
  return {
    rssBytes: Number(kibibytes) * 1024,
    cpuSeconds: ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds.replace(',', '.')),
  };
}

/** RSS and CPU where there is no /proc (macOS, BSD). */
export function psProbe(pid: number): Probe {
  return {
    id: 'ps',
    side: 'outside',
    read: async (signal) => {
      try {
        // One -o for each column: in `-o rss=,time=` BSD and POSIX take `,time=` for the heading of rss.
        const { stdout } = await run('ps', ['-o', 'rss=', '-o', 'time=', '-p', String(pid)], {
          signal,
          env: { ...process.env, LC_ALL: 'C' },
        });
        return parsePs(stdout);
      } catch (error) {
        // ps answers 1 for a process that is no more; anything else is a fault.
        if (error instanceof Error && 'code' in error && error.code === 1) return undefined;
        throw error;
      }
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}
