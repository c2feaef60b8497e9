import { METRIC_IDS, type MetricId } from '../metrics/metrics.ts';
import type { Night, NightFigure } from './night.ts';

/** A night's place in a series. */
export interface SeriesPoint {
  readonly night: Night;
  readonly figure: NightFigure;
  /** What is judged: the logarithm of the ratio to the canary where there is one, else of the value. */
  readonly log: number;
}

/**
 * One metric of one cell from night to night. Nights without a figure above zero are left out, and, once a canary is there to
 * compare with, those in which it has none: a ratio and a value have no common level.
 */
export interface Series {
  readonly cell: string;
  readonly metric: MetricId;
  readonly canary: boolean;
  /** Whether it is of the version that the others are held to in each night. */
  readonly baseline: boolean;
  /** Whether its logarithms are of ratios to the canary: of no night otherwise than of the others. */
  readonly relative: boolean;
  readonly points: readonly SeriesPoint[];
}

/** Every series of some nights, oldest first, by cell and then by metric. The newest night says whether a canary is named. */
export function seriesOf(
  nights: readonly Night[],
  metrics: ReadonlySet<MetricId> = new Set(METRIC_IDS),
): readonly Series[] {
  const found = new Map<string, OpenSeries>();
  for (const night of nights) {
    for (const { cell, canary = false, baseline = false, metrics: own } of night.cells) {
      for (const metric of METRIC_IDS) {
        const figure = own[metric];
        if (figure === undefined || !(figure.value > 0) || !metrics.has(metric)) continue;
        const key = `${cell} ${metric} ${canary}`;
        const series = found.get(key) ?? { cell, metric, canary, baseline, points: [] };
        series.baseline = baseline;
        series.points.push([night, figure]);
        found.set(key, series);
      }
    }
  }
  const named = nights.at(-1)?.canary !== undefined;
  return [...found.values()].map(({ points, ...series }): Series => {
    const relative = named && points.some(([, { toCanary }]) => toCanary !== undefined);
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

/** A series that goes on. */
interface OpenSeries extends Pick<Series, 'cell' | 'metric' | 'canary'> {
  baseline: boolean;
  readonly points: [Night, NightFigure][];
}

/** The series of one cell and metric; undefined where no night has it. */
export function seriesAt(all: readonly Series[], cell: string, metric: MetricId): Series | undefined {
  return all.find((one) => one.cell === cell && one.metric === metric);
}
