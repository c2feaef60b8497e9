import type { HttpWorkload } from '../experiment/experiment.ts';
import { startGenerator } from './generator.ts';
import type { Workload } from './workload.ts';

/** Open-loop HTTP load from a process of its own; see `OpenLoop` for what it sends when, and what it counts. */
export function httpWorkload(spec: HttpWorkload): Workload {
  return {
    start: (request, signal) => startGenerator(spec, request, signal),
  };
}
