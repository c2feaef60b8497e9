import { METRIC_IDS, METRICS } from '../metrics/metrics.ts';
import { commitOf } from './overview.ts';
import { placeOfNight, type Night } from './night.ts';

/** The columns of a history as one table: a figure to a row, in base units. */
export const HISTORY_COLUMNS = [
  'run',
  'started_at',
  'experiment',
  'machine',
  'commit',
  'branch',
  'job',
  'cell',
  'role',
  'metric',
  'unit',
  'value',
  'low',
  'high',
  'n',
  'noise',
  'ratio_to_canary',
  'ratio_low',
  'ratio_high',
  'ratio_n',
] as const;

/** A name of a column. */
export type HistoryColumn = (typeof HISTORY_COLUMNS)[number];
/** One figure of one night. */
export type HistoryRow = Readonly<Record<HistoryColumn, string | number | null>>;

/** Every figure of a history, night by night. */
export function* historyRows(nights: readonly Night[]): Generator<HistoryRow, void, undefined> {
  for (const night of nights) {
    const of = {
      run: night.run,
      started_at: night.startedAt,
      experiment: night.experiment,
      machine: placeOfNight(night),
      commit: commitOf(night) ?? null,
      branch: night.branch ?? null,
      job: night.job ?? null,
    };
    for (const { cell, canary = false, metrics } of night.cells) {
      for (const metric of METRIC_IDS) {
        const figure = metrics[metric];
        if (figure === undefined) continue;
        const { value, low, high, n, noise = null, toCanary } = figure;
        yield {
          ...of,
          cell,
          role: canary ? 'canary' : 'daemon',
          metric,
          unit: METRICS[metric].unit,
          value,
          low,
          high,
          n,
          noise,
          ratio_to_canary: toCanary?.value ?? null,
          ratio_low: toCanary?.low ?? null,
          ratio_high: toCanary?.high ?? null,
          ratio_n: toCanary?.n ?? null,
        };
      }
    }
  }
}
