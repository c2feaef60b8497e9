import { METRIC_IDS, type MetricId } from '../metrics/metrics.ts';
import type { Night, NightFigure } from './night.ts';

/** A night's place in a series. */
export interface SeriesPoint {
  readonly night: Night;
  readonly figure: NightFigure;
  /** What is judged: the logarithm of the ratio to the canary where there is one, else of the value. */
  readonly log: number;
}

/** One metric of one cell from night to night; nights without a figure above zero are left out. */
export interface Series {
  readonly cell: string;
  readonly metric: MetricId;
  readonly canary: boolean;
  /** Whether its logarithms are of ratios to the canary: of no night otherwise than of the others. */
  readonly relative: boolean;
  readonly points: readonly SeriesPoint[];
}

/** Every series of some nights, oldest first, by cell and then by metric. */
export function seriesOf(
  nights: readonly Night[],
  metrics: ReadonlySet<MetricId> = new Set(METRIC_IDS),
): readonly Series[] {
  const found = new Map<string, { cell: string; metric: MetricId; canary: boolean; points: [Night, NightFigure][] }>();
  for (const night of nights) {
    for (const { cell, canary = false, metrics: own } of night.cells) {
      for (const metric of METRIC_IDS) {
        const figure = own[metric];
        if (figure === undefined || !(figure.value > 0) || !metrics.has(metric)) continue;
        const key = `${cell} ${metric} ${canary}`;
        const series = found.get(key) ?? { cell, metric, canary, points: [] };
        series.points.push([night, figure]);
        found.set(key, series);
      }
    }
  }
  return [...found.values()].map(({ points, ...series }): Series => {
    // A canary that came later begins the series anew: ratios and values have no common level.
    const relative = points.at(-1)?.[1].toCanary !== undefined;
    return {
      ...series,
      relative,
      points: points.flatMap(([night, figure]) => {
        const { value } = relative ? (figure.toCanary ?? { value: 0 }) : figure;
        return value > 0 ? [{ night, figure, log: Math.log(value) }] : [];
      }),
    };
  });
}

/** The series of one cell and metric; undefined where no night has it. */
export function seriesAt(all: readonly Series[], cell: string, metric: MetricId): Series | undefined {
  return all.find((one) => one.cell === cell && one.metric === metric);
}
