import type { KuboWorkload } from '../../experiment/experiment.ts';
import { startGenerator } from '../generator.ts';
import type { Workload } from '../workload.ts';

/** Open-loop load on the RPC API of a kubo node, from a process of its own; see `KuboSource` for what it asks. */
export function kuboWorkload(spec: KuboWorkload): Workload {
  return {
    start: (request, signal) => startGenerator(spec, request, signal),
  };
}
