import { METRICS, type MetricId } from '../../metrics/metrics.ts';
import type { RunManifest } from '../../results/format.ts';
import type { Estimate } from '../../statistics/estimate.ts';
import { hodgesLehmannTwoSample, hodgesLehmannTwoSampleRatio } from '../../statistics/hodges-lehmann-two-sample.ts';
import { mannWhitneyTest } from '../../statistics/mann-whitney.ts';
import type { CellAnalysis, Contrast, TrialSummary, WorkloadAnalysis } from '../analysis.ts';
import { baselineOf } from './baseline-cell.ts';
import { contrastsOf, pairsByBlock } from './contrasts.ts';
import type { Claim } from './verdict.ts';

/** What the way in which a run came about may hide in its primary contrasts. */
export interface Sensitivity {
  /** Where trials were repeated because their first attempt did not count: the contrasts with them and without. */
  readonly repeated?: { readonly trials: number; readonly rows: readonly RepeatedRow[] };
  /** Where the run was resumed although something had changed: the later parts of it beside the first. */
  readonly parts?: { readonly rows: readonly PartRow[] };
}

interface Row {
  readonly workload: string;
  /** `GOGC=50`. */
  readonly label: string;
  readonly metric: MetricId;
  /** What the estimates are of: ratios to the baseline, or differences in the metric's unit. */
  readonly of: 'ratio' | 'difference';
}

/** A primary contrast of all trials, and of those that were not repeated. */
export interface RepeatedRow extends Row {
  readonly all: Estimate;
  readonly claim: Claim;
  /** Undefined where no block is left. */
  readonly without: Estimate | undefined;
  readonly claimWithout: Claim | undefined;
}

/** What a later part of a run shows, beside the first. */
export interface PartRow extends Row {
  /** `level`: the baseline itself, of which `before` and `after` are medians' ratios to nothing; `effect`: a contrast with it. */
  readonly kind: 'level' | 'effect';
  /** The later part. */
  readonly part: number;
  /** Trials (of a level) or blocks (of an effect) of the first part and the later one. */
  readonly n: readonly [number, number];
  /**
   * From the first part to the later one: the ratio or the difference of the two, with the interval that the exact
   * Mann–Whitney test gives, since nothing pairs the blocks of the one with those of the other.
   */
  readonly change: Estimate;
  /** Mann–Whitney, two-sided, not adjusted. */
  readonly p: number;
}

/** What is known of that, of the trials that count; undefined where nothing was repeated and nothing had changed. */
export function sensitivityOf(
  run: Pick<RunManifest, 'experiment' | 'plan'>,
  workloads: readonly WorkloadAnalysis[],
  trials: readonly TrialSummary[],
): Sensitivity | undefined {
  const repeated = repeatedOf(run, workloads, trials);
  const parts = partsOf(run, workloads, trials);
  if (repeated === undefined && parts === undefined) return undefined;
  return { ...(repeated === undefined ? {} : { repeated }), ...(parts === undefined ? {} : { parts }) };
}

function repeatedOf(
  { experiment, plan }: Pick<RunManifest, 'experiment' | 'plan'>,
  workloads: readonly WorkloadAnalysis[],
  trials: readonly TrialSummary[],
): Sensitivity['repeated'] {
  const again = new Set(
    trials.filter(({ attempt, outcome }) => attempt > 1 && outcome.kind === 'completed').map(({ id }) => id),
  );
  if (again.size === 0) return undefined;
  const cells = workloads.map((one) => one.cells.map((cell) => withOnly(cell, (trial) => !again.has(trial))));
  const without = contrastsOf(experiment, cells, plan.seed).flat();
  const rows = workloads.flatMap(({ workload, cells: own, contrasts }) =>
    contrasts.filter(isPrimary).map((one): RepeatedRow => {
      const other = without.find(({ cell, metric }) => cell === one.cell && metric === one.metric);
      const { of } = one.verdict;
      const all = one[of] ?? one.difference;
      return {
        ...rowOf(workload, own, one),
        of,
        all,
        claim: one.verdict.claim,
        without: other?.[of],
        claimWithout: other?.verdict.claim,
      };
    }),
  );
  return { trials: again.size, rows };
}

function partsOf(
  { experiment }: Pick<RunManifest, 'experiment'>,
  workloads: readonly WorkloadAnalysis[],
  trials: readonly TrialSummary[],
): Sensitivity['parts'] {
  const partOf = new Map(
    trials.filter(({ outcome }) => outcome.kind === 'completed').map(({ id, part }) => [id, part ?? 1]),
  );
  const parts = [...new Set(partOf.values())].toSorted((a, b) => a - b);
  const [first, ...later] = parts;
  if (first === undefined || later.length === 0) return undefined;
  const { confidence, primaries } = experiment;
  const rows = workloads.flatMap(({ workload, cells }) => {
    const baseline = baselineOf(cells);
    if (baseline === undefined) return [];
    const levels = cells.filter(({ role }) => role === 'level');
    return later.flatMap((part) =>
      primaries.flatMap((metric) =>
        [baseline, ...levels.filter((cell) => cell !== baseline)].flatMap((cell): readonly PartRow[] => {
          const kind = cell === baseline ? 'level' : 'effect';
          const samples = [first, part].map((wanted) =>
            valuesOf(cell, baseline, metric, (id) => partOf.get(id) === wanted),
          );
          const of = samples.flat().every(({ positive }) => positive) ? 'ratio' : 'difference';
          const [before = [], after = []] = samples.map((own) => own.map((value) => value[of]));
          if (before.length === 0 || after.length === 0) return [];
          const change = (of === 'ratio' ? hodgesLehmannTwoSampleRatio : hodgesLehmannTwoSample)(
            after,
            before,
            confidence,
          );
          const { p } = mannWhitneyTest(after, before);
          return [
            {
              workload,
              label: cell.label,
              metric,
              of,
              kind,
              part,
              n: [before.length, after.length],
              change,
              p: p ?? 1,
            },
          ];
        }),
      ),
    );
  });
  return { rows };
}

/** A value of a part, as what it is compared as. */
interface PartValue {
  readonly ratio: number;
  readonly difference: number;
  readonly positive: boolean;
}

/** The baseline's own values, or another cell's to it in each block. */
function valuesOf(
  cell: CellAnalysis,
  baseline: CellAnalysis,
  metric: MetricId,
  wanted: (trial: string) => boolean,
): readonly PartValue[] {
  const own = withOnly(cell, wanted);
  if (cell === baseline) {
    return (own.values[metric] ?? []).map(({ value }) => ({ ratio: value, difference: value, positive: value > 0 }));
  }
  return pairsByBlock(own, withOnly(baseline, wanted), metric).map(([value, base]) => ({
    ratio: value / base,
    difference: value - base,
    positive: value > 0 && base > 0,
  }));
}

/** A cell with the values of some trials only. */
function withOnly(cell: CellAnalysis, wanted: (trial: string) => boolean): CellAnalysis {
  const values = Object.fromEntries(
    Object.entries(cell.values).map(([metric, points]) => [metric, points.filter(({ trial }) => wanted(trial))]),
  );
  return { ...cell, values };
}

function isPrimary({ family }: Contrast): boolean {
  return family === 'primary';
}

function rowOf(
  workload: string,
  cells: readonly CellAnalysis[],
  { cell, metric }: Contrast,
): Pick<Row, 'workload' | 'label' | 'metric'> {
  return { workload, label: cells.find(({ id }) => id === cell)?.label ?? cell, metric: METRICS[metric].id };
}
