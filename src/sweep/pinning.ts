import { execa } from 'execa';
import { allowedCpus } from '../runner/allowed-cpus.ts';
import { formatCpuList } from '../linux/cpu-list.ts';

/**
 * Moves gctune itself (all its threads) to the generator's CPUs, so that sampling does not disturb the target; back
 * again when disposed. Where there is no taskset it does nothing: it is a courtesy, not a condition.
 */
export async function pinned(cpus: string | undefined): Promise<AsyncDisposable> {
  const before = allowedCpus();
  if (cpus === undefined || before === undefined) return { [Symbol.asyncDispose]: async () => undefined };
  await setAffinity(cpus);
  return { [Symbol.asyncDispose]: () => setAffinity(formatCpuList(before)) };
}

async function setAffinity(cpus: string): Promise<void> {
  await execa('taskset', ['-acp', cpus, String(process.pid)], { reject: false, stdin: 'ignore' });
}
