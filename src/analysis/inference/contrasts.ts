import type { Experiment } from '../../experiment/experiment.ts';
import { isCompared } from '../../experiment/workloads/kinds.ts';
import { METRIC_IDS, METRICS, type MetricDefinition, type MetricId } from '../../metrics/metrics.ts';
import { rankBiserial } from '../../statistics/effect-size.ts';
import { hodgesLehmann, hodgesLehmannRatio } from '../../statistics/hodges-lehmann.ts';
import { maxT } from '../../statistics/max-t.ts';
import { benjaminiHochberg } from '../../statistics/multiplicity.ts';
import { seededStream } from '../../statistics/random.ts';
import { signedRankTest } from '../../statistics/signed-rank.ts';
import type { CellAnalysis, Contrast } from '../analysis.ts';
import { baselineOf } from './baseline-cell.ts';
import { verdictOf } from './verdict.ts';

/**
 * Every cell against the baseline of its workload, the A/A cell too, in every metric that both have in at least one
 * block. The workloads of a run come together, for their primary contrasts are one family: p is adjusted by max-T over
 * all of them, after Benjamini and Hochberg over the rest. A/A contrasts ask nothing and belong to no family. What is
 * tested is what is judged: log ratios, or differences where not all values are above zero.
 */
export function contrastsOf(
  experiment: Experiment,
  workloads: readonly (readonly CellAnalysis[])[],
  seed = 0,
): readonly (readonly Contrast[])[] {
  const raw = workloads.map((cells) => ofWorkload(experiment, cells));
  const adjusted = new Map([...primaryPs(raw.flat(), seed), ...exploratoryPs(raw.flat())]);
  return raw.map((own) =>
    own.map((whole): Contrast => {
      const { changes: _, from, better, ...one } = whole;
      const adjustedP = adjusted.get(whole) ?? null;
      const rule = { confidence: experiment.confidence, matters: one.kind === 'a-a' ? 0 : (experiment.matters ?? 0) };
      const verdict = verdictOf({ ...one, adjustedP, from }, one.kind === 'a-a' ? 'neither' : better, rule);
      return { ...one, adjustedP, verdict };
    }),
  );
}

/** A contrast before its family is known as a whole. */
interface Raw extends Omit<Contrast, 'adjustedP' | 'verdict'> {
  /** What its interval and p are of: the log ratio of each block, or the difference where there is no ratio. */
  readonly changes: ReadonlyMap<number, number>;
  readonly from: number | undefined;
  readonly better: MetricDefinition['better'];
}

/** The primaries, in all blocks that any of them has: workloads share a block where it ran both. */
function primaryPs(all: readonly Raw[], seed: number): readonly (readonly [Raw, number])[] {
  const tested = all.filter(({ family, p }) => family === 'primary' && p !== null);
  const blocks = [...new Set(tested.flatMap(({ changes }) => [...changes.keys()]))].toSorted((a, b) => a - b);
  const rows = tested.map(({ changes }) => blocks.map((block) => changes.get(block) ?? null));
  const { adjusted } = maxT(rows, seededStream(seed, 'max-t'));
  // The test of an interval goes by ranks and this one by t: where they disagree the stricter holds, so that no claim
  // stands beside an interval that includes "no difference", and no p that allows one.
  return tested.map((one, i) => [one, Math.max(adjusted[i] as number, one.p as number)] as const);
}

function exploratoryPs(all: readonly Raw[]): readonly (readonly [Raw, number])[] {
  const tested = all.filter(({ family, p }) => family === 'exploratory' && p !== null);
  const ps = benjaminiHochberg(tested.map(({ p }) => p as number));
  return tested.map((one, i) => [one, ps[i] as number] as const);
}

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
  if (!isCompared(metric, experiment.workloads[cell.levels.workload])) return undefined;
  const blocks = blocksOf(cell, baseline, metric);
  if (blocks.size === 0) return undefined;
  const pairs = [...blocks.values()];
  const { confidence } = experiment;
  const primary = experiment.primaries.includes(metric);
  const positive = pairs.flat().every((value) => value > 0);
  const changes = new Map(
    [...blocks].map(([block, [value, base]]) => [block, positive ? Math.log(value / base) : value - base] as const),
  );
  const tested = signedRankTest([...changes.values()]);
  return {
    cell: cell.id,
    baseline: baseline.id,
    metric,
    kind: cell.role,
    primary,
    family: cell.role === 'a-a' ? 'a-a' : primary ? 'primary' : 'exploratory',
    difference: hodgesLehmann(
      pairs.map(([value, base]) => value - base),
      confidence,
    ),
    ratio: positive ? hodgesLehmannRatio(pairs, confidence) : undefined,
    p: tested.p,
    rankBiserial: rankBiserial(tested),
    changes,
    from: baseline.estimates[metric]?.value,
    better: METRICS[metric].better,
  };
}

/** The cell's and the baseline's value of each block that has both, in the order of blocks. */
export function pairsByBlock(
  cell: CellAnalysis,
  baseline: CellAnalysis,
  metric: MetricId,
): (readonly [number, number])[] {
  return [...blocksOf(cell, baseline, metric).values()];
}

/** The cell's and the baseline's value of each block that has both, by block. */
export function blocksOf(
  cell: CellAnalysis,
  baseline: CellAnalysis,
  metric: MetricId,
): ReadonlyMap<number, readonly [number, number]> {
  const base = new Map((baseline.values[metric] ?? []).map(({ block, value }) => [block, value]));
  return new Map(
    (cell.values[metric] ?? []).flatMap(({ block, value }) => {
      const other = base.get(block);
      return other === undefined ? [] : [[block, [value, other]] as const];
    }),
  );
}
