import type { Experiment } from '../experiment/experiment.ts';
import type { MetricId } from '../experiment/metrics.ts';
import { METRIC_IDS } from '../experiment/metrics.ts';
import { hodgesLehmann, hodgesLehmannRatio } from '../statistics/hodges-lehmann.ts';
import { signedRankTest } from '../statistics/signed-rank.ts';
import type { CellAnalysis, Contrast } from './analysis.ts';

/** Every cell of a workload against its baseline, the A/A cell too, in every metric that both have in at least one block. */
export function contrastsOf(experiment: Experiment, cells: readonly CellAnalysis[]): readonly Contrast[] {
  const baseline = cells.find((cell) => cell.baseline && cell.role === 'level');
  if (baseline === undefined) return [];
  return cells
    .filter((cell) => cell !== baseline)
    .flatMap((cell) => METRIC_IDS.flatMap((metric) => contrast(experiment, cell, baseline, metric) ?? []));
}

function contrast(
  experiment: Experiment,
  cell: CellAnalysis,
  baseline: CellAnalysis,
  metric: MetricId,
): Contrast | undefined {
  const pairs = pairsByBlock(cell, baseline, metric);
  if (pairs.length === 0) return undefined;
  const { confidence } = experiment;
  const differences = pairs.map(([value, base]) => value - base);
  return {
    cell: cell.id,
    baseline: baseline.id,
    metric,
    kind: cell.role,
    primary: experiment.primaries.includes(metric),
    difference: hodgesLehmann(differences, confidence),
    ratio: pairs.flat().every((value) => value > 0) ? hodgesLehmannRatio(pairs, confidence) : undefined,
    p: signedRankTest(differences).p,
  };
}

/** The cell's and the baseline's value of each block that has both, in the order of blocks. */
function pairsByBlock(cell: CellAnalysis, baseline: CellAnalysis, metric: MetricId): (readonly [number, number])[] {
  const base = new Map((baseline.values[metric] ?? []).map(({ block, value }) => [block, value]));
  return (cell.values[metric] ?? []).flatMap(({ block, value }) => {
    const other = base.get(block);
    return other === undefined ? [] : [[value, other] as const];
  });
}
