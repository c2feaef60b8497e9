import { varyingFactors } from '../factors.ts';
import { counted } from '../../text/words.ts';
import { leastN } from '../../statistics/least-n.ts';
import type { Experiment } from '../experiment.ts';
import { leastWarmupSeconds } from '../warm-up.ts';
import type { Plan } from './plan.ts';
import type { Warning } from '../../metrics/warning.ts';

/** How many contrasts of settings the declared primaries make: every level but the baseline, in every stratum. */
export function primaryContrasts(experiment: Experiment, plan: Plan): number {
  return plan.cells.filter((cell) => cell.role === 'level' && !cell.baseline).length * experiment.primaries.length;
}

/** What this plan cannot show however clear the result, and what would make its figures unsteady; known before it runs. */
export function reachability(experiment: Experiment, plan: Plan): Warning[] {
  const warnings: Warning[] = [];
  const { confidence } = experiment;
  const percent = `${Number(`${confidence}e2`)} %`;
  const contrasts = primaryContrasts(experiment, plan);
  if (contrasts === 0 && varyingFactors(experiment.matrix).length === 0) {
    warnings.push({
      code: 'nothing-to-compare',
      message: 'the matrix has only the baseline level: the run can only show the noise of this machine',
    });
  }
  const forInterval = leastN(confidence);
  if (plan.blocks < forInterval) {
    warnings.push({
      code: 'interval-not-attainable',
      message: `${counted(plan.blocks, 'block')} cannot give ${percent} intervals or show any difference: that needs ${forInterval}, whatever the number of contrasts`,
    });
  }
  if (experiment.matrix.auto === true) {
    warnings.push({
      code: 'levels-auto',
      message:
        'levels: auto: a pilot of three blocks at these levels runs first and adds levels that this plan does not show',
    });
  }
  return [...warnings, ...earlyEnd(experiment, plan, forInterval), ...cutBursts(experiment)];
}

/** A run that may end by width needs intervals to have widths, and time for the blocks that it runs in any case. */
function earlyEnd({ adaptive, confidence, phases }: Experiment, plan: Plan, forInterval: number): Warning[] {
  if (adaptive === undefined) return [];
  const { min, budgetSeconds } = adaptive;
  const measured =
    min * plan.cells.length * (leastWarmupSeconds(phases) + phases.settleSeconds + phases.measureSeconds);
  return [
    ...(min < forInterval
      ? [
          {
            code: 'min-blocks-without-interval',
            message: `${counted(min, 'block')} cannot give ${Number(`${confidence}e2`)} % intervals, so the run cannot end before ${forInterval}`,
          },
        ]
      : []),
    ...(budgetSeconds !== undefined && budgetSeconds < measured
      ? [
          {
            code: 'budget-too-short',
            message: `the first ${counted(min, 'block')} alone take longer than the budget of ${budgetSeconds} s; they run anyway`,
          },
        ]
      : []),
  ];
}

/** A window that cuts a burst in two makes the rate depend on the phase of the burst. */
function cutBursts({ matrix, workloads, phases }: Experiment): Warning[] {
  return matrix.workload.flatMap((name) => {
    const workload = workloads[name];
    if (workload?.kind !== 'http' || workload.rate.kind !== 'bursty') return [];
    const bursts = phases.measureSeconds / workload.rate.everySeconds;
    if (Math.abs(bursts - Math.round(bursts)) < 1e-6 && bursts > 0.5) return [];
    return {
      code: 'window-cuts-burst',
      message: `the window of ${phases.measureSeconds} s is not a multiple of the burst period of ${name}, ${workload.rate.everySeconds} s`,
    };
  });
}
