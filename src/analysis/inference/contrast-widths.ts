import { stratumSeed, varyingFactors } from '../../experiment/factors.ts';
import type { Cell, CellId } from '../../experiment/plan/plan.ts';
import type { MetricId } from '../../metrics/metrics.ts';
import type { RunManifest } from '../../results/format.ts';
import { median } from '../../statistics/descriptive.ts';
import type { Estimate } from '../../statistics/estimate.ts';
import { hodgesLehmann } from '../../statistics/hodges-lehmann.ts';
import { countedTrials } from '../per-cell/cells.ts';
import { trialFigures, type TrialFigures, type TrialInput } from '../per-trial/reduce-trial.ts';

/** How precisely one primary contrast is known. */
export interface Width {
  readonly cell: CellId;
  readonly metric: MetricId;
  /** Half of the width that its interval is expected to have, relative to the baseline; null where that cannot be told. */
  readonly halfWidth: number | null;
}

/** The trials of a run that still goes on, each reduced once. */
export interface WidthWatch {
  /** Takes in an attempt at a trial; one that it has taken in already is not read again. */
  add(trial: TrialInput): Promise<void>;
  /** The width of every primary contrast that is asked about, in the order of the primaries and the plan. */
  widths(): readonly Width[];
}

/** The trials that a contrast and its width come from: one block's of a cell, of the baseline, and of the baseline again. */
export interface BlockOfThree {
  readonly value: number;
  readonly base: number;
  readonly again: number | undefined;
  /** What `again` is the second trial of, where that is not `base`. */
  readonly againOf?: number | undefined;
}

/** What a run ends by may be so many times as wide as it is expected to be, not more. */
const MOST_OVER = 2;
/** A trial less the mean of two others has 3/2 of a trial's variance, a pair's difference 2. */
const PAIR_PER_REST = Math.sqrt(2 / 1.5);

/**
 * Forecasts the widths of a run while it goes on, by the same reduction of trials and the same kind of interval as its
 * report: of the ratio to the baseline, or where that cannot be had of the difference relative to the baseline's median.
 */
export function watchWidths(manifest: RunManifest): WidthWatch {
  const cells = new Map(manifest.plan.cells.map((cell) => [cell.id, cell]));
  const known = new Map<string, TrialFigures>();
  return {
    async add(trial) {
      const { record } = trial;
      const cell = cells.get(record.cell);
      const key = `${record.id}/${record.attempt}`;
      if (cell === undefined || record.purpose === 'profile' || known.has(key)) return;
      known.set(key, await trialFigures(manifest, cell.levels, trial));
    },
    widths() {
      return widthsOf(manifest, [...known.values()]);
    },
  };
}

/** The width of every primary contrast that is asked about, in the order of the primaries and the plan. */
export function widthsOf(manifest: RunManifest, trials: readonly TrialFigures[]): readonly Width[] {
  return manifest.experiment.primaries.flatMap((metric) =>
    manifest.plan.cells.flatMap((cell) =>
      comparedWith(manifest, cell).map((other) => widthOf(manifest, trials, cell, other, metric)),
    ),
  );
}

/** The cells that a cell is contrasted with: the baseline of its stratum, and for each further factor the cell at its baseline level. */
function comparedWith({ experiment, plan }: RunManifest, cell: Cell): readonly Cell[] {
  if (cell.role !== 'level') return [];
  const own = plan.cells.filter(({ role }) => role === 'level');
  const setting = cell.baseline ? [] : own.filter((one) => one.baseline && inOneStratum(one, cell));
  const twins = varyingFactors(experiment.matrix).flatMap(({ name, baseline }) => {
    if (cell.levels.factors?.[name] === baseline) return [];
    const levels = { ...cell.levels, factors: { ...cell.levels.factors, [name]: baseline } };
    return own.filter(
      (one) =>
        one.levels.gogc === levels.gogc && one.levels.gomemlimit === levels.gomemlimit && inOneStratum(one, { levels }),
    );
  });
  return [...setting, ...twins];
}

function inOneStratum(a: Pick<Cell, 'levels'>, b: Pick<Cell, 'levels'>): boolean {
  return stratumSeed(a.levels) === stratumSeed(b.levels);
}

function widthOf(
  { experiment, plan }: RunManifest,
  trials: readonly TrialFigures[],
  cell: Cell,
  baseline: Cell,
  metric: MetricId,
): Width {
  const valuesOf = (id: CellId): ReadonlyMap<number, number> =>
    new Map(
      countedTrials(trials.filter(({ record }) => record.cell === id)).flatMap(({ record, figures }) => {
        const value = figures[metric]?.value;
        return value === undefined ? [] : [[record.block, value] as const];
      }),
    );
  const base = valuesOf(baseline.id);
  // The A/A cell of the baseline where it has one; else that of its stratum, or of its workload, beside its own baseline.
  const near = (one: Cell): number =>
    one.levels.workload === baseline.levels.workload ? (inOneStratum(one, baseline) ? 2 : 1) : 0;
  const repeated = plan.cells
    .filter((one) => one.role === 'a-a' && near(one) > 0)
    .toSorted((a, b) => near(b) - near(a))[0];
  const repeatedOf = repeated && plan.cells.find((one) => one.baseline && inOneStratum(one, repeated));
  const again = repeated && valuesOf(repeated.id);
  const ownBase = repeatedOf === undefined || repeatedOf === baseline ? undefined : valuesOf(repeatedOf.id);
  const blocks = [...valuesOf(cell.id)].flatMap(([block, value]): BlockOfThree[] => {
    const other = base.get(block);
    if (other === undefined) return [];
    return [{ value, base: other, again: again?.get(block), againOf: ownBase?.get(block) }];
  });
  return { cell: cell.id, metric, halfWidth: halfWidthOf(blocks, experiment.confidence) };
}

/**
 * Half the width that the interval of a contrast is to be expected to have, relative to the baseline. A run that ended
 * where an interval happens to be narrow would end where its trials happen to agree, and the interval would hold the truth
 * too seldom. So the scatter is that of the A/A trial around the mean of the two that are compared: it knows nothing of
 * their difference (the two are orthogonal), and has the noise of all three in it. The interval itself only counts where
 * it is more than twice as wide.
 */
export function halfWidthOf(blocks: readonly BlockOfThree[], confidence: number): number | null {
  if (blocks.length === 0) return null;
  const positive = blocks.every(({ value, base, again = 1, againOf = 1 }) => Math.min(value, base, again, againOf) > 0);
  const at = positive ? Math.log : (x: number): number => x;
  const own = hodgesLehmann(
    blocks.map(({ value, base }) => at(value) - at(base)),
    confidence,
  );
  const rests = blocks.flatMap(({ value, base, again, againOf }) => {
    if (again === undefined) return [];
    return againOf === undefined
      ? [PAIR_PER_REST * (at(again) - (at(value) + at(base)) / 2)]
      : [at(again) - at(againOf)];
  });
  const rest = rests.length === 0 ? undefined : hodgesLehmann(rests, confidence);
  const half = halfOf(own);
  const expected = rest && halfOf(rest);
  if (half === undefined || expected === undefined) return null;
  if (positive) return Math.exp(own.value) * Math.max(Math.sinh(expected), Math.sinh(half) / MOST_OVER);
  const unit = Math.abs(median(blocks.map(({ base }) => base)));
  return unit === 0 ? null : Math.max(expected, half / MOST_OVER) / unit;
}

function halfOf({ low, high }: Estimate): number | undefined {
  return low === null || high === null ? undefined : (high - low) / 2;
}
