import type { FixedPhases } from '../experiment/warm-up.ts';
import type { Phases, WorkloadSpec } from '../experiment/experiment.ts';
import type { Requests } from './heap-history.ts';
import { gaussian } from '../statistics/gaussian.ts';
import type { RandomStream } from '../statistics/random.ts';
import { expectedArrivals } from '../workload/arrivals.ts';

/** The load of one simulated trial. */
export interface SimulatedLoad {
  /** Requests that fall due in the window. */
  readonly intended: number;
  /** Of them, those that are served. */
  readonly completed: number;
  /** Served requests since the process began to serve. */
  readonly requests: Requests;
}

/** Requests per second that the window of a workload expects. */
export function windowRate(spec: WorkloadSpec | undefined, { measureSeconds }: Phases): number {
  return spec?.kind === 'http' ? expectedArrivals(spec.rate, measureSeconds) / measureSeconds : 0;
}

/**
 * The load as a flow, as smooth as its rate: the arrivals of the warm-up, then those of the window, which begin anew.
 * Poisson arrivals differ in their number alone. `served`: the share that the CPUs suffice for.
 */
export function simulatedLoad(
  spec: WorkloadSpec | undefined,
  phases: FixedPhases,
  served: number,
  stream: RandomStream,
): SimulatedLoad {
  if (spec?.kind !== 'http') return { intended: 0, completed: 0, requests: { until: () => 0, perSecond: 0 } };
  const { rate, arrivals } = spec;
  const before = phases.warmupSeconds + phases.settleSeconds;
  const expected = expectedArrivals(rate, phases.measureSeconds);
  const chance = arrivals === 'poisson' ? Math.sqrt(expected) * gaussian(stream) : 0;
  // Floating point must not lose the request that falls due at the very end.
  const intended = Math.max(0, Math.floor(expected + chance + 1e-6));
  const completed = Math.floor(intended * served + 1e-6);
  const warm = expectedArrivals(rate, before) * served;
  const scale = expected === 0 ? 0 : completed / expected;
  return {
    intended,
    completed,
    requests: {
      until: (seconds) =>
        seconds <= before
          ? expectedArrivals(rate, Math.max(0, seconds)) * served
          : warm + expectedArrivals(rate, seconds - before) * scale,
      perSecond: completed / phases.measureSeconds,
    },
  };
}
