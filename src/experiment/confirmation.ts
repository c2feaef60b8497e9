import type { Experiment, Gogc, Gomemlimit, WorkloadSpec } from './experiment.ts';
import type { Secrets } from './secrets/secrets.ts';
import { factsOfKind } from './workloads/kinds.ts';

/** How much more comes in under a spike than under the measured load. */
const SPIKE_RATE = 2;
/** How much larger the live heap is under a spike, where the workload can make it so. */
const SPIKE_HEAP = 1.25;

/** What is to be confirmed. */
export interface ConfirmationQuestion {
  readonly gogc: Gogc;
  /** The limit to try beside the same GOGC without one; undefined: the setting is tried against the baseline. */
  readonly gomemlimitBytes: number | undefined;
  /** The GOMEMLIMIT that the setting was measured with. */
  readonly gomemlimit: Gomemlimit;
  readonly blocks: number;
}

/**
 * The experiment that confirms a setting: blocks of it with and without its limit (or of it and of the baseline), under
 * every measured load and under a spike of each.
 */
export function confirmationOf(experiment: Experiment, question: ConfirmationQuestion): Experiment {
  const { gogc, gomemlimitBytes, gomemlimit, blocks } = question;
  const { matrix, baseline } = experiment;
  const spikes = spikesOf(experiment);
  const both = <T extends Gogc | Gomemlimit>(one: T, other: T): readonly T[] => (one === other ? [one] : [one, other]);
  const limited = gomemlimitBytes !== undefined;
  return {
    ...experiment,
    name: `${experiment.name}-confirm`,
    matrix: {
      ...(matrix.factors === undefined ? {} : { factors: matrix.factors }),
      gogc: limited ? [gogc] : both(gogc, baseline.gogc),
      gomemlimit: limited ? [gomemlimit, gomemlimitBytes] : both(gomemlimit, baseline.gomemlimit),
      workload: matrix.workload.flatMap((name) => [name, spikes.get(name) ?? []].flat()),
    },
    baseline: limited ? { gogc, gomemlimit } : baseline,
    workloads: Object.fromEntries(
      matrix.workload.flatMap((name): (readonly [string, WorkloadSpec])[] => {
        const spec = experiment.workloads[name];
        const spike = spikes.get(name);
        if (spec === undefined) return [];
        return [
          [name, spec],
          ...(spike === undefined
            ? []
            : [[spike, factsOfKind(spec.kind).spike?.(spec, SPIKE_RATE, SPIKE_HEAP) ?? spec] as const]),
        ];
      }),
    ),
    blocks,
    adaptive: undefined,
    profiles: { heap: false, allocs: false },
    assert: undefined,
  };
}

/** The name of each workload's spike, of those that have a rate. */
export function spikesOf({ matrix, workloads }: Pick<Experiment, 'matrix' | 'workloads'>): ReadonlyMap<string, string> {
  const taken = new Set(Object.keys(workloads));
  const spikes = new Map<string, string>();
  for (const name of matrix.workload) {
    const spec = workloads[name];
    if (spec === undefined || factsOfKind(spec.kind).spike === undefined) continue;
    let spike = `${name}-spike`;
    while (taken.has(spike)) spike += '-2';
    taken.add(spike);
    spikes.set(name, spike);
  }
  return spikes;
}

/** Whether a workload of a confirmation is the spike of another one. */
export function isSpikeOf(workload: string, spike: string): boolean {
  return spike.startsWith(`${workload}-spike`) && /^(-2)*$/.test(spike.slice(`${workload}-spike`.length));
}

/** The secrets of an experiment with those of its spikes, which send the same header fields. */
export function secretsOfConfirmation(secrets: Secrets, spikes: ReadonlyMap<string, string>): Secrets {
  const again = secrets.literals.flatMap(({ path, text }) => {
    const [section, name, ...rest] = path;
    const spike = section === 'workloads' && typeof name === 'string' ? spikes.get(name) : undefined;
    return spike === undefined ? [] : [{ path: [section as string, spike, ...rest], text }];
  });
  return { ...secrets, literals: [...secrets.literals, ...again] };
}
