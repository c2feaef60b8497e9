import { execa } from 'execa';

/**
 * Moves gctune itself (all its threads) to the generator's CPUs, so that sampling does not disturb the target; back
 * again when disposed. Where there is no taskset it does nothing: it is a courtesy, not a condition.
 */
export async function pinned(cpus: string | undefined): Promise<AsyncDisposable> {
  const nothing: AsyncDisposable = { [Symbol.asyncDispose]: async () => undefined };
  if (cpus === undefined || process.platform !== 'linux') return nothing;
  const before = await affinity();
  if (before === undefined) return nothing;
  await setAffinity(cpus);
  return { [Symbol.asyncDispose]: () => setAffinity(before) };
}

async function affinity(): Promise<string | undefined> {
  const result = await execa('taskset', ['-cp', String(process.pid)], { reject: false, stdin: 'ignore' });
  return /: (\S+)\s*$/.exec(result.stdout)?.[1];
}

async function setAffinity(cpus: string): Promise<void> {
  await execa('taskset', ['-acp', cpus, String(process.pid)], { reject: false, stdin: 'ignore' });
}
