import type { Experiment } from '../../experiment/experiment.ts';
import { writeLevel } from '../../experiment/plan/cell-selector.ts';
import type { MetricId } from '../../metrics/metrics.ts';
import { METRIC_IDS } from '../../metrics/metrics.ts';
import type { Cell } from '../../experiment/plan/plan.ts';
import type { Outcome, TrialRecord } from '../../results/format.ts';
import type { Estimate } from '../../statistics/estimate.ts';
import { medianEstimate } from '../../statistics/median.ts';
import type { CellAnalysis, Composition } from '../analysis.ts';
import { cellWarnings } from './cell-warnings.ts';
import type { TrialFigures } from '../per-trial/reduce-trial.ts';
import { shortfallOf } from '../finding/shortfall.ts';
import { LATENCY_QUANTILES } from '../per-trial/work-figures.ts';

/** What is known of one cell, of all of its trials: those that count, in the order of blocks, and those that do not. */
export function analyseCell(experiment: Experiment, cell: Cell, trials: readonly TrialFigures[]): CellAnalysis {
  const { confidence } = experiment;
  const counted = countedTrials(trials);
  const values: { -readonly [Id in MetricId]?: CellAnalysis['values'][Id] } = {};
  const estimates: Partial<Record<MetricId, Estimate>> = {};
  for (const metric of METRIC_IDS) {
    const points = counted.flatMap(({ record, figures }) => {
      const found = figures[metric];
      return found === undefined ? [] : [{ trial: record.id, block: record.block, value: found.value }];
    });
    if (points.length === 0) continue;
    values[metric] = points;
    estimates[metric] = medianEstimate(
      points.map(({ value }) => value),
      confidence,
    );
  }
  const outcomes: Partial<Record<Outcome['kind'], number>> = {};
  for (const { record } of trials) outcomes[record.outcome.kind] = (outcomes[record.outcome.kind] ?? 0) + 1;
  return {
    id: cell.id,
    levels: cell.levels,
    role: cell.role,
    baseline: cell.baseline,
    label: cellLabel(experiment, cell),
    valid: counted.length,
    attempted: trials.length,
    outcomes,
    shortfall: shortfallOf(trials, counted.length),
    estimates,
    values,
    courses: counted.flatMap(({ course }) => (course === undefined || course.seconds.length === 0 ? [] : [course])),
    composition: compositionOf(counted, confidence),
    latency: latencyOf(counted, confidence),
    limitNeed: trials
      // One that did not come to its end may have ended before anything could be read.
      .filter(({ record, limitNeed }) => ranToEnd(record.outcome.kind) || limitNeed.readings > 0)
      .map(({ limitNeed }) => limitNeed),
    warnings: cellWarnings(experiment, cell, trials, counted),
  };
}

function ranToEnd(outcome: Outcome['kind']): boolean {
  return outcome === 'completed' || outcome === 'invalid';
}

/** The trials that count, in the order of blocks: completed ones with figures, one a block. */
export function countedTrials(trials: readonly TrialFigures[]): readonly TrialFigures[] {
  return lastOfBlocks(trials.filter(({ course }) => course !== undefined));
}

/** Completed trials in the order of blocks, one a block: of repeated ones the last. */
export function lastOfBlocks<T extends { readonly record: TrialRecord }>(trials: readonly T[]): readonly T[] {
  const byBlock = new Map<number, T>();
  for (const trial of trials) {
    const { block, attempt, outcome } = trial.record;
    if (outcome.kind !== 'completed') continue;
    const other = byBlock.get(block);
    if (other === undefined || attempt > other.record.attempt) byBlock.set(block, trial);
  }
  return [...byBlock.values()].toSorted((a, b) => a.record.block - b.record.block);
}

/** Short label of a cell for charts and sentences: `GOGC=25`, with GOMEMLIMIT where that varies; `GOGC=100 (A/A)`. */
export function cellLabel(experiment: Experiment, cell: Pick<Cell, 'levels' | 'role'>): string {
  const parts = [`GOGC=${cell.levels.gogc}`];
  if (experiment.matrix.gomemlimit.length > 1)
    parts.push(`GOMEMLIMIT=${writeLevel(cell.levels.gomemlimit, 'gomemlimit')}`);
  return parts.join(' ') + (cell.role === 'a-a' ? ' (A/A)' : '');
}

function compositionOf(counted: readonly TrialFigures[], confidence: number): Composition | undefined {
  const all = counted.flatMap(({ parts }) => (parts === undefined ? [] : [parts]));
  if (all.length === 0) return undefined;
  const part = (name: keyof Composition): Estimate | undefined => {
    const values = all.flatMap((parts) => parts[name] ?? []);
    return values.length === 0 ? undefined : medianEstimate(values, confidence);
  };
  const [objects, unusedInSpans, retainedIdle] = [part('objects'), part('unusedInSpans'), part('retainedIdle')];
  const [stacks, metadata, released] = [part('stacks'), part('metadata'), part('released')];
  if (!objects || !unusedInSpans || !retainedIdle || !stacks || !metadata || !released) return undefined;
  return {
    objects,
    unusedInSpans,
    retainedIdle,
    stacks,
    metadata,
    released,
    outsideGo: part('outsideGo'),
    rss: part('rss'),
  };
}

function latencyOf(counted: readonly TrialFigures[], confidence: number): CellAnalysis['latency'] {
  return LATENCY_QUANTILES.flatMap((quantile) => {
    const seconds = counted.flatMap(
      ({ latency }) => latency.find((point) => point.quantile === quantile)?.seconds ?? [],
    );
    return seconds.length === 0 ? [] : [{ quantile, seconds: medianEstimate(seconds, confidence) }];
  });
}
