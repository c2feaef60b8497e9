import type { Experiment } from '../experiment.ts';
import { leastWarmupSeconds } from '../warm-up.ts';
import { factsOfKind } from '../workloads/kinds.ts';
import type { Plan } from './plan.ts';

/** How long a batch run is taken to last before one was seen, in seconds; never more than its own limit. */
const UNKNOWN_BATCH_SECONDS = 2;

/** A guess of launch, readiness and stop of one trial before a runner was chosen; docker takes some 0.8 s longer. */
export const OVERHEAD_SECONDS = 0.8;

/** How fast a node is taken to do the requests of a preload before one was seen. */
const PRELOADED_PER_SECOND = 500;

/**
 * How long a plan takes. The overhead of a trial (launch, getting ready, stop) is the runner's to know. A drain counts
 * as nothing, because it ends as soon as nothing is in flight, a warm-up that ends by itself as its least time, a run of a load program as `phases.measure`; a batch run is counted as `batchSeconds`, which is a
 * guess until one was measured.
 */
export function expectedSeconds(
  experiment: Experiment,
  plan: Plan,
  overheadSecondsPerTrial: number,
  batchSeconds: number = UNKNOWN_BATCH_SECONDS,
): number {
  return sumOverTrials(experiment, plan, (within, preloaded, ownRuns) => {
    const { settleSeconds, measureSeconds } = experiment.phases;
    const warmupSeconds = Math.max(leastWarmupSeconds(experiment.phases), ownRuns ? measureSeconds : 0);
    const work =
      within !== undefined
        ? Math.min(batchSeconds, within)
        : preloaded / PRELOADED_PER_SECOND + warmupSeconds + settleSeconds + measureSeconds;
    return work + overheadSecondsPerTrial;
  });
}

/** What a trial in virtual time takes to compute and to write, in seconds. */
const SIMULATED_TRIAL_SECONDS = 0.04;

/** How long people wait for a plan: as `expectedSeconds`, unless its time is only virtual. */
export function waitSeconds(experiment: Experiment, plan: Plan, overheadSecondsPerTrial: number): number {
  if (experiment.target.source.kind !== 'simulated') return expectedSeconds(experiment, plan, overheadSecondsPerTrial);
  return plan.trials.length * SIMULATED_TRIAL_SECONDS;
}

/** `within`: how long a run may take, where a trial is a run to its end. */
function sumOverTrials(
  experiment: Experiment,
  plan: Plan,
  seconds: (within: number | undefined, preloaded: number, ownRuns: boolean) => number,
): number {
  const workloadOf = new Map(plan.cells.map((cell) => [cell.id, experiment.workloads[cell.levels.workload]]));
  return [...plan.trials, ...plan.profiling].reduce((sum, trial) => {
    const spec = workloadOf.get(trial.cell);
    const facts = spec && factsOfKind(spec.kind);
    return (
      sum +
      seconds(spec && facts?.withinSeconds?.(spec), (spec && facts?.preloaded?.(spec)) ?? 0, spec?.kind === 'command')
    );
  }, 0);
}
