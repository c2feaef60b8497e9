import type { Analysis } from '../../analysis/analysis.ts';
import {
  blocksForAnswer,
  chanceOfAnswer,
  GC_SHARES,
  measuredScatter,
  ORDINARY_SCATTER,
  type Chance,
  type PairScatter,
} from '../../analysis/recommend/chance.ts';
import { UserError } from '../../errors.ts';
import type { Experiment } from '../../experiment/experiment.ts';
import { formatFraction } from '../../units/format-units.ts';
import type { Plan } from '../../experiment/plan/plan.ts';
import type { Fact } from '../../report/document/document.ts';

/** The share of runs that are to be answered. */
const WANTED = 0.8;

/** How likely a run is to be answered by the default rule, and what that rests on. */
export interface AnswerForecast extends Chance {
  readonly scatter: PairScatter;
  /** Where the scatter is from: a guess, the simulated target's own noise, or an earlier run's A/A trials. */
  readonly scatterFrom: 'assumed' | 'target' | 'run';
  /** Blocks with which four in five runs answer everything; undefined where no number that anybody waits for does. */
  readonly blocksForMost: number | undefined;
}

/** Forecasts the answer of a plan; undefined where fewer than two numeric levels of GOGC are compared. */
export function answerForecast(
  experiment: Experiment,
  plan: Plan,
  measured: PairScatter | undefined,
): AnswerForecast | undefined {
  const levels = plan.cells.filter(({ role }) => role === 'level').map(({ levels: own }) => own);
  const gogcs = [...new Set(levels.map(({ gogc }) => gogc))].filter((gogc) => gogc !== 'off');
  const baseline = plan.cells.find((cell) => cell.baseline)?.levels.gogc;
  if (baseline === undefined || baseline === 'off' || gogcs.length < 2) return undefined;
  const run = {
    levels: gogcs,
    baseline,
    workloads: new Set(levels.map(({ workload }) => workload)).size,
    confidence: experiment.confidence,
  };
  const known = measured ?? simulatedScatter(experiment);
  const scatter = known ?? ORDINARY_SCATTER;
  return {
    ...chanceOfAnswer({ ...run, blocks: plan.blocks }, scatter),
    scatter,
    scatterFrom: measured !== undefined ? 'run' : known === undefined ? 'assumed' : 'target',
    blocksForMost: blocksForAnswer(run, scatter, WANTED),
  };
}

/** The scatter of an earlier run. Throws UserError where it has no A/A trials that tell it. */
export function scatterOf({ workloads }: Analysis, folder: string): PairScatter {
  const scatter = measuredScatter(workloads);
  if (scatter !== undefined) return scatter;
  throw new UserError({
    code: 'no-scatter',
    message: `the scatter of trials in ${folder} is unknown: too few blocks have both the baseline and its A/A trial`,
    at: '--scatter-of',
    hint: 'give a run of at least 5 blocks with both',
  });
}

/** The forecast as `plan` has it. */
export function answerFacts(
  { answers, scatter, scatterFrom, blocksForMost }: AnswerForecast,
  blocks: number,
): readonly Fact[] {
  const parts = answers.map(
    ({ goal, share }) => `${goal === 'cpu' ? 'for CPU' : 'for memory'} in ${roundPercent(share)}`,
  );
  const from = {
    assumed: 'is assumed to differ',
    target: 'of this simulated target differs',
    run: 'differed in the given run',
  }[scatterFrom];
  const more =
    blocksForMost === undefined
      ? 'no number of blocks up to 400 answers both in 80 %'
      : blocksForMost <= blocks
        ? 'both are answered in 80 % or more'
        : `${blocksForMost} blocks would answer both in 80 %`;
  return [
    ['answer', `${parts.join(', ')} of runs (gctune recommend without criteria); ${more}`],
    [
      'answer',
      `(a pair of identical trials ${from} by ${roundPercent(scatter.cpu)} in CPU, ${roundPercent(scatter.memory)} in memory (SD); GC costs ${formatFraction(GC_SHARES[0])} to ${formatFraction(GC_SHARES[1])} at GOGC=100; 300 simulated runs)`,
    ],
  ];
}

/** The noise that a simulated target is told to have, of two trials; the drift at its most. */
function simulatedScatter({ target: { source } }: Experiment): PairScatter | undefined {
  if (source.kind !== 'simulated') return undefined;
  const { noise, drift } = source.model;
  return { cpu: Math.SQRT2 * Math.hypot(noise.cpu, drift.cpu), memory: Math.SQRT2 * noise.memory };
}

/** A share to two digits: a forecast is no more exact. */
export function roundPercent(share: number): string {
  return `${Number((share * 100).toPrecision(2))} %`;
}
