import { availableParallelism } from 'node:os';
import type { Experiment } from '../experiment/experiment.ts';
import { sendsRequests } from '../experiment/workloads/kinds.ts';
import type { Warning } from '../metrics/warning.ts';
import type { RunManifest } from '../results/format.ts';
import { formatCpuList } from '../linux/cpu-list.ts';

/** Which CPUs the target and the generator get, and the GOMAXPROCS that follows. */
export interface Placement {
  readonly cpus: RunManifest['placement'];
  /** CPUs of the services: those that are neither the target's nor the generator's, or else the generator's. */
  readonly services: string | undefined;
  readonly gomaxprocs: number;
  readonly warnings: readonly Warning[];
}

const ANYWHERE = { cpus: { target: undefined, generator: undefined }, services: undefined } as const;

/**
 * Keeps the generator (and gctune itself) off the target's CPUs: the generator gets the last CPU, the target as many of
 * the others as its limit asks for, unless the experiment lets both use all of them. Without a generator and services the target may have them all.
 */
export function place(experiment: Experiment, cpus: readonly number[]): Placement {
  const known = cpus.length > 0 ? cpus.length : availableParallelism();
  const asked = experiment.limits.cpus === undefined ? undefined : Math.ceil(experiment.limits.cpus);
  const beside = Object.keys(experiment.services).length > 0;
  const loaded = beside || experiment.matrix.workload.some((name) => sendsRequests(experiment.workloads[name]));
  const gomaxprocs = (cpusOfTarget: number): number =>
    experiment.gomaxprocs ?? Math.max(1, Math.min(asked ?? cpusOfTarget, cpusOfTarget));
  if (!experiment.limits.pin) {
    return { ...ANYWHERE, gomaxprocs: gomaxprocs(known), warnings: [] };
  }
  if (cpus.length < 2) {
    const warnings: Warning[] = loaded
      ? [
          {
            code: 'shared-cpu',
            message: `${beside ? 'the services share their' : 'the load generator shares its'} CPU with the target: latency and CPU figures are disturbed by it`,
          },
        ]
      : [];
    return { ...ANYWHERE, gomaxprocs: gomaxprocs(known), warnings };
  }
  const free = loaded ? cpus.slice(0, -1) : cpus;
  const target = free.slice(0, Math.min(asked ?? free.length, free.length));
  const warnings: Warning[] =
    asked !== undefined && asked > free.length
      ? [
          {
            code: 'too-few-cpus',
            message: `limits.cpus requests ${asked} CPUs; the target gets the ${free.length} that the machine has available`,
          },
        ]
      : [];
  const spare = free.slice(target.length);
  return {
    services: spare.length > 0 ? formatCpuList(spare) : loaded ? String(cpus.at(-1)) : undefined,
    cpus: { target: formatCpuList(target), generator: loaded ? String(cpus.at(-1)) : undefined },
    gomaxprocs: gomaxprocs(target.length),
    warnings,
  };
}

/**
 * In a pod nothing is placed: target and generator are in containers of their own, each on the CPUs that its kubelet gives it, and
 * those of the one say nothing of the other's. The limit of the target's container is what its GOMAXPROCS follows.
 */
export function placeInPod({ gomaxprocs, limits: { cpus } }: Experiment): Placement {
  return {
    ...ANYWHERE,
    gomaxprocs: gomaxprocs ?? (cpus === undefined ? availableParallelism() : Math.max(1, Math.ceil(cpus))),
    warnings: [],
  };
}
