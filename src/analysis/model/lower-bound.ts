import type { Experiment } from '../../experiment/experiment.ts';
import type { MetricId } from '../../metrics/metrics.ts';
import { median } from '../../statistics/descriptive.ts';
import { hodgesLehmannRatio } from '../../statistics/hodges-lehmann.ts';
import { medianEstimate } from '../../statistics/median.ts';
import type { CellAnalysis } from '../analysis.ts';
import { completeBlocks, exclusionOf } from '../inference/complete-blocks.ts';
import type { LowerBound } from './model-analysis.ts';

const TOTAL: MetricId = 'cpu.per_request';
const VISIBLE: MetricId = 'gc.cpu_per_request';

/** Warnings of a cell whose GC CPU is more than the collector used: less would be left for the work than it needs. */
const OVER_COUNTED: readonly string[] = ['throttled', 'gctrace-over-counts'];

/**
 * The lower bound of what the collector costs in each level, of the blocks in which every level has both its CPU and its
 * GC CPU. The work is what the cell needs whose median CPU without GC is least; were it chosen and measured in the same
 * blocks it would be too small, for of several noisy cells the least is the luckiest. So every second block chooses for
 * the others, and these for it. Undefined under two such blocks, where no cell's GC CPU can be taken for what it is at
 * most, or where GC CPU exceeds all CPU.
 */
export function lowerBoundOf(
  { confidence }: Pick<Experiment, 'confidence'>,
  levels: readonly CellAnalysis[],
): LowerBound | undefined {
  const mostValid = Math.max(...levels.map(({ valid }) => valid));
  const cells = levels.filter(
    (cell) => exclusionOf(cell, mostValid) === undefined && (cell.values[VISIBLE] ?? []).length > 0,
  );
  const refused = cells.filter(({ warnings }) => warnings.some(({ code }) => OVER_COUNTED.includes(code)));
  const blocks = completeBlocks(cells, [TOTAL, VISIBLE]);
  const rests = cells.flatMap((cell, i) =>
    refused.includes(cell)
      ? []
      : [{ cell, rest: blocks.map((block) => (block[i]?.[0] as number) - (block[i]?.[1] as number)) }],
  );
  if (blocks.length < 2 || rests.length === 0) return undefined;
  const [even, odd] = [0, 1].map((half) => leastIn(rests, half)) as [Rest, Rest];
  const distilled = blocks.map((_, b) => (b % 2 === 0 ? odd : even).rest[b] as number);
  if (distilled.some((value) => !(value > 0))) return undefined;
  return {
    metric: TOTAL,
    distilledFrom: [...new Set([even, odd])].map(({ cell }) => cell.id),
    refused: refused.map(({ id }) => id),
    distilled: medianEstimate(distilled, confidence),
    cells: cells.map(({ id, label }, i) => ({
      cell: id,
      label,
      ratio: hodgesLehmannRatio(
        blocks.map((block, b) => [block[i]?.[0] as number, distilled[b] as number] as const),
        confidence,
      ),
    })),
  };
}

/** A cell's CPU without GC, block by block. */
interface Rest {
  readonly cell: CellAnalysis;
  readonly rest: readonly number[];
}

/** The cell with the least median over every second block. */
function leastIn(rests: readonly Rest[], half: number): Rest | undefined {
  const medianOf = ({ rest }: Rest): number => median(rest.filter((_, b) => b % 2 === half));
  return rests.toSorted((a, b) => medianOf(a) - medianOf(b))[0];
}
