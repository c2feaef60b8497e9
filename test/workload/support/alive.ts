import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Whether a process runs; one that has ended and awaits its parent does not. */
export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    if (process.platform !== 'linux') return true;
    // Fields after the name, which is in brackets and can hold anything: the first is the state.
    const state = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.[0];
    return state !== 'Z' && state !== 'X';
  } catch {
    return false;
  }
}

/** Waits until a process has ended; throws after so long. */
export async function gone(pid: number, withinSeconds: number): Promise<void> {
  const end = performance.now() + withinSeconds * 1000;
  while (alive(pid)) {
    if (performance.now() > end) throw new Error(`process ${pid} still runs after ${withinSeconds} s`);
    await sleep(10);
  }
}
