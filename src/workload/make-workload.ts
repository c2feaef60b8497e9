import type { WorkloadSpec } from '../experiment/experiment.ts';
import { runsToItsEnd, sendsRequests } from '../experiment/workloads/kinds.ts';
import { startCommand } from './run-command.ts';
import { startGenerator } from './generator.ts';
import { unloaded } from './unloaded.ts';
import type { Workload } from './workload.ts';

/** The workload that an experiment describes: requests from a process of their own, or nothing that gctune itself does. */
export function makeWorkload(spec: WorkloadSpec): Workload {
  if (spec.kind === 'command') return { start: (request, signal) => startCommand(spec, request, signal) };
  if (sendsRequests(spec)) return { start: (request, signal) => startGenerator(spec, request, signal) };
  // The target is itself the work (one run of it, whose process the trial launches and awaits), or nothing is asked of it.
  const work = runsToItsEnd(spec) ? ({ unit: 'run', count: 1 } as const) : ({ unit: 'none', count: 0 } as const);
  return { start: async () => unloaded({ unit: work.unit, intended: work.count, completed: work.count }) };
}
