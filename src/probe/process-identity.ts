import { readFile, stat } from 'node:fs/promises';
import { parseProcStat } from '../linux/proc-stat.ts';

/** What tells one life of a process from the next, as far as /proc shows it to this user. */
export interface ProcessIdentity {
  /** Since boot: another start is another process under a number that was used again. */
  readonly startTicks: number;
  /** Where its stack begins, which each execve draws anew, and its program: both stay the same while it runs. */
  readonly stack: string | undefined;
  readonly program: string | undefined;
}

/** The identity of a process; undefined where there is no /proc or no such process. */
export async function processIdentity(pid: number): Promise<ProcessIdentity | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const seen = parseProcStat(text);
  if (seen === undefined) return undefined;
  const program = await stat(`/proc/${pid}/exe`).then(
    ({ dev, ino }) => `${dev}:${ino}`,
    () => undefined,
  );
  return { startTicks: seen.startTicks, stack: seen.startStack, program };
}

/** Why two looks at one number did not see one and the same program; undefined where they did, or nothing tells. */
export function whyReplaced(
  first: ProcessIdentity | undefined,
  later: ProcessIdentity | undefined,
): string | undefined {
  if (first === undefined || later === undefined) return undefined;
  if (first.startTicks !== later.startTicks) return 'the measured process ended, and another process now has its id';
  const differs = (key: 'stack' | 'program'): boolean =>
    first[key] !== undefined && later[key] !== undefined && first[key] !== later[key];
  if (differs('program')) return 'the target replaced itself with another program (execve) during the measurement';
  if (differs('stack')) return 'the target re-executed itself (execve) during the measurement';
  return undefined;
}
