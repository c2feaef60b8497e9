import type { Experiment } from '../../experiment/experiment.ts';
import type { MetricId } from '../../metrics/metrics.ts';
import { bootstrapEstimate } from '../../statistics/bootstrap.ts';
import { medianInPlace } from '../../statistics/descriptive.ts';
import type { Estimate } from '../../statistics/estimate.ts';
import { seededStream } from '../../statistics/random.ts';
import type { CellAnalysis } from '../analysis.ts';
import { completeBlocks } from './complete-blocks.ts';
import type { Exchange } from './front-analysis.ts';

const RESAMPLES = 1_999;
const NOT_APART = 'interval not attainable: the CPU of the two does not differ reliably';
const NAME = 'bytes saved per percent of the baseline’s CPU';

/** What each step to the next leaner cell saves for what it costs; cells leanest first. Empty without a baseline. */
export function exchangesOf(
  experiment: Pick<Experiment, 'confidence'>,
  cells: readonly CellAnalysis[],
  baseline: CellAnalysis | undefined,
  metrics: readonly [memory: MetricId, cost: MetricId],
  seed: number,
): readonly Exchange[] {
  if (baseline === undefined) return [];
  return cells.slice(1).flatMap((richer, i) => {
    const leaner = cells[i] as CellAnalysis;
    const bytesPerPercent = rateOf(experiment, [leaner, richer, baseline], metrics, seed);
    return bytesPerPercent === undefined ? [] : [{ leaner: leaner.id, richer: richer.id, bytesPerPercent }];
  });
}

/**
 * Memory saved ÷ CPU added, from medians over blocks, with the bootstrap interval over whole blocks. Undefined where the
 * leaner cell does not measure as the dearer one: then there is no exchange.
 */
function rateOf(
  experiment: Pick<Experiment, 'confidence'>,
  cells: readonly [leaner: CellAnalysis, richer: CellAnalysis, baseline: CellAnalysis],
  metrics: readonly [memory: MetricId, cost: MetricId],
  seed: number,
): Estimate | undefined {
  type Block = ReturnType<typeof completeBlocks>[number];
  const blocks = completeBlocks(cells, metrics);
  if (blocks.length === 0) return undefined;
  let endless = false;
  const rate = (drawn: readonly Block[]): number => {
    const values = new Float64Array(drawn.length);
    const at = (cell: number, metric: number): number => {
      for (let i = 0; i < drawn.length; i++) values[i] = drawn[i]?.[cell]?.[metric] as number;
      return medianInPlace(values);
    };
    const percent = (100 * (at(0, 1) - at(1, 1))) / at(2, 1);
    // Where the CPU of the two does not differ reliably in some resample, the rate has no end: said by the estimate.
    if (percent > 0) return (at(1, 0) - at(0, 0)) / percent;
    endless = true;
    return Infinity;
  };
  if (!Number.isFinite(rate(blocks))) return undefined;
  const [leaner, richer] = cells;
  const estimate = bootstrapEstimate(blocks, rate, {
    confidence: experiment.confidence,
    stream: seededStream(seed, 'exchange', leaner.id, richer.id),
    name: NAME,
    resamples: RESAMPLES,
  });
  // The bootstrap says it in terms of its resamples; what it means is this.
  return endless && estimate.low === null ? { ...estimate, warnings: [NOT_APART] } : estimate;
}
