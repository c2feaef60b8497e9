import { stratumSeed } from '../../experiment/factors.ts';
import type { Experiment } from '../../experiment/experiment.ts';
import { medianInPlace } from '../../statistics/descriptive.ts';
import { seededStream } from '../../statistics/random.ts';
import { resample } from '../../statistics/resample.ts';
import type { CellAnalysis } from '../analysis.ts';
import { axesOf, metricsOf, type Axes } from './axes.ts';
import { completeBlocks, exclusionOf } from './complete-blocks.ts';
import { exchangesOf } from './exchange.ts';
import type { Front } from './front-analysis.ts';

/** Resamples of whole blocks: a probability of 0.95 is then known to ± 0.01. */
const RESAMPLES = 2_000;
/** Fewer blocks leave a bootstrap nothing to resample from. */
const LEAST_BLOCKS = 5;

/**
 * The Pareto front of the cells of one workload over memory, its price and p99: which cells' medians no other cell
 * beats, and how often each is among them when whole blocks are drawn again (a bootstrap that keeps what the cells of a
 * block have in common). Uses the trials' values alone. Undefined where fewer than two cells can be compared.
 */
export function frontOf(
  experiment: Pick<Experiment, 'primaries' | 'confidence'>,
  cells: readonly CellAnalysis[],
  seed: number,
  axes: Axes = axesOf(experiment, cells),
): Front | undefined {
  const levels = cells.filter(({ role }) => role === 'level');
  const metrics = metricsOf(axes);
  if (axes.memory === undefined || axes.cost === undefined) return undefined;
  const mostValid = Math.max(...levels.map(({ valid }) => valid));
  const reasons = levels.map((cell) => {
    const lacking = metrics.filter((metric) => (cell.values[metric] ?? []).length === 0);
    return (
      exclusionOf(cell, mostValid) ?? (lacking.length > 0 ? `it has no value for ${lacking.join(', ')}` : undefined)
    );
  });
  const compared = levels.filter((_, i) => reasons[i] === undefined);
  const blocks = completeBlocks(compared, metrics);
  if (compared.length < 2 || blocks.length === 0) return undefined;

  const medians = mediansOf(
    blocks,
    Uint32Array.from(blocks, (_, i) => i),
  );
  const member = membersOf(medians);
  const probability = blocks.length < LEAST_BLOCKS ? undefined : probabilities(blocks, seed, cells[0]);
  const analysed = compared.map((cell, i) => ({
    cell: cell.id,
    label: cell.label,
    medians: medians[i] ?? [],
    member: member[i] === true,
    probability: probability?.[i] ?? null,
  }));
  const leanestFirst = analysed
    .filter(({ member: on }) => on)
    .toSorted((a, b) => (a.medians[0] ?? 0) - (b.medians[0] ?? 0));
  const baseline = levels.find((cell) => cell.baseline);
  return {
    metrics,
    blocks: blocks.length,
    resamples: probability === undefined ? 0 : RESAMPLES,
    cells: analysed,
    excluded: levels.flatMap(({ id, label }, i) => {
      const reason = reasons[i];
      return reason === undefined ? [] : [{ cell: id, label, reason }];
    }),
    exchanges: exchangesOf(
      experiment,
      leanestFirst.flatMap(({ cell }) => compared.find(({ id }) => id === cell) ?? []),
      baseline,
      [axes.memory, axes.cost],
      seed,
    ),
  };
}

/** Of points of which every coordinate is better lower: which are not dominated. Equal points do not dominate each other. */
export function membersOf(points: readonly (readonly number[])[]): readonly boolean[] {
  return points.map((point) => !points.some((other) => dominates(other, point)));
}

function dominates(a: readonly number[], b: readonly number[]): boolean {
  let better = false;
  for (let i = 0; i < a.length; i++) {
    const [own, other] = [a[i] as number, b[i] as number];
    if (own > other) return false;
    if (own < other) better = true;
  }
  return better;
}

function probabilities(
  blocks: readonly (readonly (readonly number[])[])[],
  seed: number,
  cell: CellAnalysis | undefined,
): readonly number[] {
  const stream = seededStream(seed, 'front', stratumSeed(cell?.levels));
  const counts = (blocks[0] ?? []).map(() => 0);
  resample(blocks.length, RESAMPLES, stream, (drawn) => {
    membersOf(mediansOf(blocks, drawn)).forEach((on, i) => {
      if (on) counts[i] = (counts[i] ?? 0) + 1;
    });
  });
  return counts.map((count) => count / RESAMPLES);
}

/** For each cell the median of each metric over the drawn blocks. */
function mediansOf(
  blocks: readonly (readonly (readonly number[])[])[],
  drawn: Uint32Array,
): readonly (readonly number[])[] {
  const values = new Float64Array(drawn.length);
  return (blocks[0] ?? []).map((metrics, cell) =>
    metrics.map((_, metric) => {
      for (let i = 0; i < drawn.length; i++) values[i] = blocks[drawn[i] as number]?.[cell]?.[metric] as number;
      return medianInPlace(values);
    }),
  );
}
