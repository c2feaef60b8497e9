import { performance } from 'node:perf_hooks';
import type { WorkDone } from '../results/format.ts';
import type { RunningLoad } from './workload.ts';

/** A load that has no generator: it only knows how long the window was. Nothing of it can break. */
export function unloaded(work: Pick<WorkDone, 'unit' | 'intended' | 'completed'>): RunningLoad {
  let openedMs = performance.now();
  return {
    preload: undefined,
    begin: async () => undefined,
    openWindow: async () => {
      openedMs = performance.now();
    },
    closeWindow: async () => ({
      ...work,
      dropped: 0,
      errors: {},
      lateness: { p99Seconds: 0, maxSeconds: 0 },
      windowSeconds: (performance.now() - openedMs) / 1000,
      latency: undefined,
    }),
    broken: new Promise(() => undefined),
    [Symbol.asyncDispose]: async () => undefined,
  };
}
