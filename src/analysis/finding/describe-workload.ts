import type { WorkloadSpec } from '../../experiment/experiment.ts';
import { factsOfKind } from '../../experiment/workloads/kinds.ts';

/** A workload in one phrase: `http, 400 requests/s, evenly spaced`. */
export function describeWorkload(workload: WorkloadSpec | undefined): string {
  return workload === undefined ? 'not described in the experiment' : factsOfKind(workload.kind).describe(workload);
}

/** The piece of work that a workload's figures are per. */
export function unitOfWork(workload: WorkloadSpec | undefined): 'request' | 'run' | 'none' {
  return workload === undefined ? 'none' : factsOfKind(workload.kind).unit;
}
