import type { WorkloadAnalysis } from '../../analysis/analysis.ts';
import type { CostModel, Law, Prediction } from '../../analysis/model/model-analysis.ts';
import { METRICS } from '../../metrics/metrics.ts';
import { columnScale } from '../column-scale.ts';
import { metricName } from '../comparison.ts';
import type { Figure } from '../figure.ts';
import { figureOf } from '../figure.ts';

/** What the laws of a workload say of levels that were not run: a row a level, a column a metric. */
export interface PredictionTable {
  /** `GOGC=35`; levels outside of those that were run are marked. */
  readonly rows: readonly string[];
  readonly columns: readonly {
    readonly head: string;
    readonly unit: string;
    readonly figures: readonly (Figure | undefined)[];
  }[];
}

/** The predictions of all laws in one table; undefined where there are none. */
export function predictionTable(workload: WorkloadAnalysis, { laws }: CostModel): PredictionTable | undefined {
  const known = new Map(laws.flatMap(({ predictions }) => predictions.map((one) => [one.gogc, one])));
  const levels = [...known.values()].toSorted((a, b) => a.gogc - b.gogc);
  if (levels.length === 0) return undefined;
  return {
    rows: levels.map(({ gogc, extrapolated }) => `GOGC=${gogc}${extrapolated ? ' (extrapolated)' : ''}`),
    columns: laws.map((law) => columnOf(workload, law, levels)),
  };
}

function columnOf(
  workload: WorkloadAnalysis,
  { metric, predictions }: Law,
  levels: readonly Prediction[],
): PredictionTable['columns'][number] {
  const scale = columnScale(
    predictions.map(({ estimate }) => estimate),
    METRICS[metric].unit,
  );
  return {
    head: metricName(workload, metric),
    unit: scale.suffix,
    figures: levels.map(({ gogc }) => {
      const own = predictions.find((one) => one.gogc === gogc);
      return own && figureOf(own.estimate, { scale, kind: 'level' });
    }),
  };
}
