import { execa } from 'execa';
import type { Figures, Probe } from './probe.ts';

/** `rss time` as ps prints them: KiB, and [[days-]hours:]minutes:seconds[.hundredths]. Undefined for no such line. */
export function parsePs(text: string): Figures | undefined {
  const match = /^\s*(\d+)\s+(?:(\d+)-)?((?:\d+:)?\d+:\d+(?:\.\d+)?)\s*$/.exec(text);
  if (match === null) return undefined;
  const clock = (match[3] ?? '').split(':').reduce((seconds, part) => seconds * 60 + Number(part), 0);
  return { rssBytes: Number(match[1]) * 1024, cpuSeconds: Number(match[2] ?? 0) * 86_400 + clock };
}

/** RSS and CPU where there is no /proc (macOS, BSD). */
export function psProbe(pid: number): Probe {
  return {
    id: 'ps',
    side: 'outside',
    read: async (signal) => {
      const { stdout } = await execa('ps', ['-o', 'rss=,time=', '-p', String(pid)], {
        reject: false,
        cancelSignal: signal,
        stdin: 'ignore',
      });
      return parsePs(stdout);
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}
