import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process that ran to its end. */
export interface Measured {
  readonly code: number | null;
  readonly wallSeconds: number;
  readonly peakBytes: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program and measures wall time and peak memory (VmHWM, polled). */
export async function measured(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Measured> {
  const began = performance.now();
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, CI: 'true', NO_COLOR: '1', ...env },
  });
  let stdout = '';
  let stderr = '';
  let peakBytes = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const poll = setInterval(() => {
    peakBytes = Math.max(peakBytes, statusBytes(child.pid, 'VmHWM'));
  }, 20);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', resolve);
  });
  clearInterval(poll);
  return { code, wallSeconds: (performance.now() - began) / 1000, peakBytes, stdout, stderr };
}

/** A field of /proc/PID/status in bytes; 0 where it cannot be read. */
export function statusBytes(pid: number | undefined, field: string): number {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** CPU seconds a process has used, children not counted. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** The middle of a list. */
export function middle(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[half] ?? NaN) : ((sorted[half - 1] ?? NaN) + (sorted[half] ?? NaN)) / 2;
}
