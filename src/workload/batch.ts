import { unloaded } from './unloaded.ts';
import type { Workload } from './workload.ts';

/** The target is itself the work: one run of it, whose process the trial launches and awaits. */
export function batchWorkload(): Workload {
  return { start: async () => unloaded({ unit: 'run', intended: 1, completed: 1 }) };
}
