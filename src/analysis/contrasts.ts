import type { Experiment } from '../experiment/experiment.ts';
import type { MetricId } from '../experiment/metrics.ts';
import { METRIC_IDS } from '../experiment/metrics.ts';
import { rankBiserial } from '../statistics/effect-size.ts';
import { hodgesLehmann, hodgesLehmannRatio } from '../statistics/hodges-lehmann.ts';
import { benjaminiHochberg, holm } from '../statistics/multiplicity.ts';
import { signedRankTest } from '../statistics/signed-rank.ts';
import type { CellAnalysis, Contrast } from './analysis.ts';
import { baselineOf } from './baseline-cell.ts';

/**
 * Every cell against the baseline of its workload, the A/A cell too, in every metric that both have in at least one
 * block. The workloads of a run come together, for their primary contrasts are one family: p is adjusted after Holm over
 * all of them, after Benjamini and Hochberg over the rest. A/A contrasts ask nothing and belong to no family.
 */
export function contrastsOf(
  experiment: Experiment,
  workloads: readonly (readonly CellAnalysis[])[],
): readonly (readonly Contrast[])[] {
  const raw = workloads.map((cells) => ofWorkload(experiment, cells));
  const adjusted = new Map<Raw, number>();
  for (const [family, correct] of [
    ['primary', holm],
    ['exploratory', benjaminiHochberg],
  ] as const) {
    const tested = raw.flat().filter((one) => one.family === family && one.p !== null);
    const ps = correct(tested.map(({ p }) => p as number));
    tested.forEach((one, i) => adjusted.set(one, ps[i] as number));
  }
  return raw.map((own) => own.map((one) => ({ ...one, adjustedP: adjusted.get(one) ?? null })));
}

/** A contrast before its family is known as a whole. */
type Raw = Omit<Contrast, 'adjustedP'>;

function ofWorkload(experiment: Experiment, cells: readonly CellAnalysis[]): readonly Raw[] {
  const baseline = baselineOf(cells);
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
): Raw | undefined {
  const pairs = pairsByBlock(cell, baseline, metric);
  if (pairs.length === 0) return undefined;
  const { confidence } = experiment;
  const primary = experiment.primaries.includes(metric);
  const differences = pairs.map(([value, base]) => value - base);
  const tested = signedRankTest(differences);
  return {
    cell: cell.id,
    baseline: baseline.id,
    metric,
    kind: cell.role,
    primary,
    family: cell.role === 'a-a' ? 'a-a' : primary ? 'primary' : 'exploratory',
    difference: hodgesLehmann(differences, confidence),
    ratio: pairs.flat().every((value) => value > 0) ? hodgesLehmannRatio(pairs, confidence) : undefined,
    p: tested.p,
    rankBiserial: rankBiserial(tested),
  };
}

/** The cell's and the baseline's value of each block that has both, in the order of blocks. */
export function pairsByBlock(
  cell: CellAnalysis,
  baseline: CellAnalysis,
  metric: MetricId,
): (readonly [number, number])[] {
  const base = new Map((baseline.values[metric] ?? []).map(({ block, value }) => [block, value]));
  return (cell.values[metric] ?? []).flatMap(({ block, value }) => {
    const other = base.get(block);
    return other === undefined ? [] : [[value, other] as const];
  });
}
