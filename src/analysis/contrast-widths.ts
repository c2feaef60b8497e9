import type { Cell, CellId } from '../experiment/plan.ts';
import type { MetricId } from '../experiment/metrics.ts';
import type { RunManifest } from '../results/format.ts';
import { median } from '../statistics/descriptive.ts';
import { hodgesLehmann, hodgesLehmannRatio } from '../statistics/hodges-lehmann.ts';
import type { TrialInput } from './analyse.ts';
import { countedTrials } from './cells.ts';
import { reduceTrial, type TrialFigures } from './reduce-trial.ts';

/** How precisely one primary contrast is known. */
export interface Width {
  readonly cell: CellId;
  readonly metric: MetricId;
  /** Half of the interval's width relative to the baseline; null where it has none. */
  readonly halfWidth: number | null;
}

/** The trials of a run that still goes on, each reduced once. */
export interface WidthWatch {
  /** Takes in an attempt at a trial; one that it has taken in already is not read again. */
  add(trial: TrialInput): Promise<void>;
  /** The width of every primary contrast that is asked about, in the order of the primaries and the plan. */
  widths(): readonly Width[];
}

/**
 * Measures widths of a run while it goes on, by the same reduction of trials and the same intervals as its report: of
 * the ratio to the baseline, or where that cannot be had of the difference relative to the baseline's median.
 */
export function watchWidths(manifest: RunManifest): WidthWatch {
  const cells = new Map(manifest.plan.cells.map((cell) => [cell.id, cell]));
  const known = new Map<string, TrialFigures>();
  return {
    async add({ record, readings }) {
      const cell = cells.get(record.cell);
      const key = `${record.id}/${record.attempt}`;
      if (cell === undefined || record.purpose === 'profile' || known.has(key)) return;
      known.set(key, await reduceTrial(manifest, cell.levels, record, readings));
    },
    widths() {
      const trials = [...known.values()];
      const { primaries } = manifest.experiment;
      return primaries.flatMap((metric) =>
        manifest.plan.cells.flatMap((cell) => widthOf(manifest, trials, cell, metric) ?? []),
      );
    },
  };
}

function widthOf(
  { experiment, plan }: RunManifest,
  trials: readonly TrialFigures[],
  cell: Cell,
  metric: MetricId,
): Width | undefined {
  const baseline = plan.cells.find((one) => one.baseline && one.levels.workload === cell.levels.workload);
  if (baseline === undefined || cell === baseline || cell.role !== 'level') return undefined;
  const valuesOf = (id: CellId): ReadonlyMap<number, number> =>
    new Map(
      countedTrials(trials.filter(({ record }) => record.cell === id)).flatMap(({ record, figures }) => {
        const value = figures[metric]?.value;
        return value === undefined ? [] : [[record.block, value] as const];
      }),
    );
  const base = valuesOf(baseline.id);
  const pairs = [...valuesOf(cell.id)].flatMap(([block, value]) => {
    const other = base.get(block);
    return other === undefined ? [] : [[value, other] as const];
  });
  return { cell: cell.id, metric, halfWidth: halfWidthOf(pairs, experiment.confidence) };
}

/** Half the width of the interval of a contrast, relative to the baseline; from a value and the baseline's in each block. */
export function halfWidthOf(pairs: readonly (readonly [number, number])[], confidence: number): number | null {
  if (pairs.length === 0) return null;
  const positive = pairs.flat().every((value) => value > 0);
  const { low, high } = positive
    ? hodgesLehmannRatio(pairs, confidence)
    : hodgesLehmann(
        pairs.map(([value, base]) => value - base),
        confidence,
      );
  if (low === null || high === null) return null;
  const unit = positive ? 1 : Math.abs(median(pairs.map(([, base]) => base)));
  return unit === 0 ? null : (high - low) / 2 / unit;
}
