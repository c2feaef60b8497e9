import { unloaded } from './unloaded.ts';
import type { Workload } from './workload.ts';

/** Nothing is asked of the target. */
export function idleWorkload(): Workload {
  return { start: async () => unloaded({ unit: 'none', intended: 0, completed: 0 }) };
}
