import type { Experiment } from '../../experiment/experiment.ts';
import type { MetricId } from '../../experiment/metrics.ts';
import { median } from '../../statistics/descriptive.ts';
import { hodgesLehmannRatio } from '../../statistics/hodges-lehmann.ts';
import { medianEstimate } from '../../statistics/median.ts';
import type { CellAnalysis } from '../analysis.ts';
import { completeBlocks, exclusionOf } from '../recommend/complete-blocks.ts';
import type { LowerBound } from './model-analysis.ts';

const TOTAL: MetricId = 'cpu.per_request';
const VISIBLE: MetricId = 'gc.cpu_per_request';

/**
 * The lower bound of what the collector costs in each level, of the blocks in which every level has both its CPU and its
 * GC CPU. The distilled cost is that of the one cell whose median is least, not the least of each block, which noise
 * would make too small. Undefined where no block has both, or GC CPU exceeds all CPU.
 */
export function lowerBoundOf(
  { confidence }: Pick<Experiment, 'confidence'>,
  levels: readonly CellAnalysis[],
): LowerBound | undefined {
  const mostValid = Math.max(...levels.map(({ valid }) => valid));
  const cells = levels.filter(
    (cell) => exclusionOf(cell, mostValid) === undefined && (cell.values[VISIBLE] ?? []).length > 0,
  );
  const blocks = completeBlocks(cells, [TOTAL, VISIBLE]);
  const rest = cells.map((_, i) => blocks.map((block) => (block[i]?.[0] as number) - (block[i]?.[1] as number)));
  const medians = rest.map((own) => (own.length === 0 ? NaN : median(own)));
  const least = medians.indexOf(Math.min(...medians));
  const [distilled, from] = [rest[least], cells[least]];
  if (distilled === undefined || from === undefined || distilled.some((value) => !(value > 0))) return undefined;
  return {
    metric: TOTAL,
    distilledFrom: from.id,
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
