import type { Analysis } from '../analysis/analysis.ts';
import { compareBy } from '../analysis/compare/compare-by.ts';
import type { Experiment } from '../experiment/experiment.ts';
import { choiceLike } from '../experiment/runner-names.ts';
import { METRICS, type MetricId } from '../metrics/metrics.ts';
import type { Estimate } from '../statistics/estimate.ts';
import type { GateFloors } from './gate-floors.ts';
import type { HistoryJudgement, HistoryShift } from './judge-night.ts';
import { cellName } from './night.ts';
import { twinOf } from './night-of-run.ts';
import { baselineVersion, isJudged, isOfVersion, versionFactor } from './versions.ts';

/** Version of what `gctune gate --json` prints. */
export const GATE_VERSION = 1;

/** A metric of a cell that is worse than in the baseline version, which ran in the same blocks. */
export interface BaselineShift {
  readonly cell: string;
  readonly metric: MetricId;
  /** The baseline's cell, which a confirmation runs again too. */
  readonly baseline: string;
  /** Worse by this share. */
  readonly change: number;
  readonly ratio: Estimate;
  readonly adjustedP: number;
}

/**
 * `passed`: nothing is worse; `unusable`: the canary moved; `suspicious`: something is worse and was not run again;
 * `refuted`: run again, none of it was; `confirmed`: some of it was; `not-judged`: there was nothing to hold the night to.
 */
export type GateOutcome = 'passed' | 'unusable' | 'suspicious' | 'refuted' | 'confirmed' | 'not-judged';

/** What a gate says of a night. */
export interface GateReport {
  readonly gateVersion: number;
  readonly run: string;
  readonly startedAt: string;
  readonly experiment: string;
  readonly outcome: GateOutcome;
  readonly floors: Readonly<Partial<Record<MetricId, number>>>;
  readonly canary: string | undefined;
  /** The version that the others are held to within the run; undefined where there is none beside the canary. */
  readonly baseline: string | undefined;
  /** What the run by itself could compare with it. */
  readonly within: Omit<WithinRun, 'worse'>;
  readonly history: Omit<HistoryJudgement, 'worse' | 'better'>;
  readonly worse: readonly GateShift[];
  readonly better: readonly GateShift[];
  readonly warnings: readonly string[];
  /** The run that was made to confirm it. */
  readonly confirmation: string | undefined;
}

/** Something that is worse, or better, in one metric of one cell. */
export interface GateShift {
  readonly against: 'history' | 'baseline';
  readonly cell: string;
  readonly metric: MetricId;
  /** As a share: 0.05 is 5 % worse, whichever way the metric goes. */
  readonly change: number;
  /** Ends of its interval of 95 %; null where none is attainable. */
  readonly low: number | null;
  readonly high: number | null;
  /** Nights, or blocks of the run, that it rests on. */
  readonly n: number;
  /** The least that would have been suspected, from the noise of the nights and the floor. */
  readonly threshold: number;
  /** Nights up to this one whose mean shows it. */
  readonly nights: number;
  readonly p: number;
  /** Only where a second run was made: whether it shows the same. */
  readonly confirmed?: boolean;
  /** It may as well be the machine: a metric of time without a canary. */
  readonly ofMachine: boolean;
}

/** The names of the cells that are judged. */
export function judgedCells({ run, workloads }: Pick<Analysis, 'run' | 'workloads'>): ReadonlySet<string> {
  const cells = workloads.flatMap((workload) => workload.cells);
  return new Set(
    cells
      .filter(({ role, levels }) => role === 'level' && isJudged(levels, run.experiment))
      .map(({ levels }) => cellName(levels)),
  );
}

/** What the blocks of a run say of the judged version against the baseline one. */
export interface WithinRun {
  readonly worse: readonly BaselineShift[];
  /** Comparisons of a judged metric in a cell that could be made, and those that could not. */
  readonly made: number;
  readonly impossible: number;
  /** Of each metric how much worse it may be in some cell for all that its interval tells, as a share. */
  readonly room: Readonly<Partial<Record<MetricId, number>>>;
}

/**
 * What is worse than in the baseline version, block by block: the verdicts of `compare --by version`, with the judged
 * metrics as the one family that is corrected for, beyond the floor of each. With `only`, these alone are the family.
 */
export function againstBaseline(
  { run, workloads }: Pick<Analysis, 'run' | 'workloads'>,
  floors: GateFloors,
  only?: readonly BaselineShift[],
): WithinRun {
  const baseline = baselineVersion(run.experiment);
  const factor = versionFactor(run.experiment.matrix);
  if (baseline === undefined || factor === undefined) return { worse: [], made: 0, impossible: 0, room: {} };
  const judged = { ...factor, levels: factor.levels.filter((level) => level !== run.experiment.canary) };
  const primaries = only === undefined ? [...floors.keys()] : [...new Set(only.map(({ metric }) => metric))];
  const experiment = { ...run.experiment, primaries };
  const { comparisons } = compareBy({ run: { ...run, experiment }, workloads }, judged, 0);
  const all = comparisons.flatMap(({ cells }) =>
    cells.flatMap(({ metrics }) => metrics.filter(({ metric }) => primaries.includes(metric))),
  );
  const made = all.filter(({ verdict }) => verdict !== 'not-comparable').length;
  const room: { -readonly [Id in MetricId]?: number } = {};
  for (const { metric, ratio } of all) {
    const end = METRICS[metric].better === 'higher' ? ratio?.low && 1 / ratio.low : ratio?.high;
    if (typeof end === 'number') room[metric] = Math.max(room[metric] ?? 0, end - 1);
  }
  const worse = comparisons.flatMap(({ by, cells }) =>
    cells.flatMap(({ levels, metrics }) => {
      const cell = cellName({ ...levels, factors: { ...levels.factors, version: by?.new ?? '' } });
      return metrics.flatMap(({ metric, verdict, ratio, adjustedP }): readonly BaselineShift[] => {
        // More of what is neither good nor bad between settings, such as allocation, is worse from one build to the next.
        if ((verdict !== 'worse' && verdict !== 'changed') || ratio === undefined || adjustedP === null) return [];
        const change = METRICS[metric].better === 'higher' ? 1 / ratio.value - 1 : ratio.value - 1;
        if (change < (floors.get(metric) ?? Infinity)) return [];
        if (only?.every((one) => one.cell !== cell || one.metric !== metric) === true) return [];
        return [{ cell, metric, baseline: cellName(levels), change, ratio, adjustedP }];
      });
    }),
  );
  return { worse, made, impossible: all.length - made, room };
}

/** The experiment that runs the suspicious cells again, with what they are held to: the canary's cells, and those of the baseline version. */
export function gateConfirmationOf(
  { run, workloads }: Pick<Analysis, 'run' | 'workloads'>,
  history: readonly HistoryShift[],
  baseline: readonly BaselineShift[],
  blocks: number,
): Experiment {
  const { experiment } = run;
  const cells = workloads.flatMap((workload) => workload.cells.filter(({ role }) => role === 'level'));
  const canaries = cells.filter(({ levels }) => isOfVersion(levels, experiment.canary));
  const suspicious = new Set([...history, ...baseline].map(({ cell }) => cell));
  const twins = cells
    .filter(({ levels }) => suspicious.has(cellName(levels)))
    .flatMap((cell) => twinOf(cell, canaries) ?? [])
    .map(({ levels }) => cellName(levels));
  const { auto: _, ...matrix } = experiment.matrix;
  return {
    ...experiment,
    name: `${experiment.name}-gate`,
    runner: choiceLike(run.runner),
    matrix: { ...matrix, include: [...new Set([...suspicious, ...twins, ...baseline.map((one) => one.baseline)])] },
    blocks,
    adaptive: undefined,
    profiles: { heap: false, allocs: false },
    assert: undefined,
  };
}
