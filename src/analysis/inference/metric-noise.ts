import type { Experiment } from '../../experiment/experiment.ts';
import { METRIC_IDS } from '../../metrics/metrics.ts';
import { standardDeviation } from '../../statistics/descriptive.ts';
import { detectableShift, POWER } from '../../statistics/power.ts';
import type { CellAnalysis, Contrast, MetricNoise } from '../analysis.ts';
import { baselineOf } from './baseline-cell.ts';
import { pairsByBlock } from './contrasts.ts';

/**
 * What the A/A cell of a workload tells of each metric; empty without one that counts. `comparisons`: how many primary
 * contrasts the run tests as one family.
 */
export function noiseOf(
  experiment: Experiment,
  cells: readonly CellAnalysis[],
  contrasts: readonly Contrast[],
  comparisons: number,
): readonly MetricNoise[] {
  const baseline = baselineOf(cells);
  const again = cells.find((cell) => cell.role === 'a-a');
  if (baseline === undefined || again === undefined) return [];
  return METRIC_IDS.flatMap((metric) => {
    const checked = contrasts.find((one) => one.kind === 'a-a' && one.metric === metric);
    if (checked === undefined) return [];
    const pairs = pairsByBlock(again, baseline, metric);
    const n = pairs.length;
    const { sd, relativeSd } = scatterOf(pairs);
    const family = experiment.primaries.includes(metric) ? Math.max(1, comparisons) : 1;
    const shift = detectableShift(n, experiment.confidence, POWER, family);
    const least = (scatter: number | null): number | null =>
      shift === undefined || scatter === null ? null : shift * scatter;
    const logEffect = least(relativeSd);
    const { side } = checked.verdict;
    return [
      {
        metric,
        sd,
        relativeSd,
        detectable: least(sd),
        relativeDetectable: logEffect === null ? null : Math.expm1(logEffect),
        holdsZero: side === 'unknown' ? null : side === 'includes',
        cells: cells
          .filter((cell) => cell !== baseline && cell !== again)
          .flatMap((cell) => {
            const own = pairsByBlock(cell, baseline, metric);
            return own.length === 0 ? [] : [{ cell: cell.id, ...scatterOf(own), n: own.length }];
          }),
        n,
      },
    ];
  });
}

/** The standard deviation of a pair's difference, and of its log ratio where all values are above zero. */
function scatterOf(pairs: readonly (readonly [number, number])[]): Pick<MetricNoise, 'sd' | 'relativeSd'> {
  if (pairs.length < 2) return { sd: null, relativeSd: null };
  const positive = pairs.flat().every((value) => value > 0);
  return {
    sd: standardDeviation(pairs.map(([value, base]) => value - base)),
    relativeSd: positive ? standardDeviation(pairs.map(([value, base]) => Math.log(value / base))) : null,
  };
}
