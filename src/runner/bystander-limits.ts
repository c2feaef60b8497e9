import type { Limits } from '../experiment/experiment.ts';

/** What a program beside the target may use, a service or a load in a container: all that there is, but for so many threads and processes. */
export const BYSTANDER_LIMITS: Limits = {
  cpus: undefined,
  memoryBytes: undefined,
  pids: 4096,
  pin: true,
  required: false,
};
