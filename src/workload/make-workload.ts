import type { WorkloadSpec } from '../experiment/experiment.ts';
import { batchWorkload } from './batch.ts';
import { httpWorkload } from './http.ts';
import { idleWorkload } from './idle.ts';
import { kuboWorkload } from './kubo/kubo.ts';
import type { Workload } from './workload.ts';

/** The workload that an experiment describes. */
export function makeWorkload(spec: WorkloadSpec): Workload {
  switch (spec.kind) {
    case 'http':
      return httpWorkload(spec);
    case 'kubo':
      return kuboWorkload(spec);
    case 'batch':
      return batchWorkload();
    case 'idle':
      return idleWorkload();
  }
}
