import type { Experiment } from '../experiment/experiment.ts';
import { METRIC_IDS, type MetricId } from '../experiment/metrics.ts';
import { standardDeviation } from '../statistics/descriptive.ts';
import { intervalShift } from '../statistics/power.ts';
import type { CellAnalysis, Contrast, MetricNoise } from './analysis.ts';
import { baselineOf } from './baseline-cell.ts';
import { pairsByBlock } from './contrasts.ts';
import { fartherEnd, noiseFloor } from './noise-floor.ts';

/** What the A/A cell of a workload tells of each metric; empty without one that counts. */
export function noiseOf(
  experiment: Experiment,
  cells: readonly CellAnalysis[],
  contrasts: readonly Contrast[],
): readonly MetricNoise[] {
  const baseline = baselineOf(cells);
  const again = cells.find((cell) => cell.role === 'a-a');
  if (baseline === undefined || again === undefined) return [];
  return METRIC_IDS.flatMap((metric) => {
    const pairs = pairsByBlock(again, baseline, metric);
    return pairs.length === 0 ? [] : [noiseOfMetric(experiment, metric, pairs, contrasts)];
  });
}

function noiseOfMetric(
  { confidence }: Experiment,
  metric: MetricId,
  pairs: readonly (readonly [number, number])[],
  contrasts: readonly Contrast[],
): MetricNoise {
  const n = pairs.length;
  const ratio = contrasts.find((one) => one.kind === 'a-a' && one.metric === metric)?.ratio;
  const shift = intervalShift(n, confidence);
  const least = (differences: readonly number[]): number | null =>
    shift === undefined ? null : shift * standardDeviation(differences);
  const logs = pairs.map(([again, base]) => Math.log(again / base));
  const logEffect = ratio === undefined ? null : least(logs);
  return {
    metric,
    floor: noiseFloor(contrasts, metric) ?? null,
    relativeFloor: (ratio && fartherEnd(ratio, 1)) ?? null,
    detectable: least(pairs.map(([again, base]) => again - base)),
    relativeDetectable: logEffect === null ? null : Math.expm1(logEffect),
    n,
  };
}
