import type { Experiment } from '../../experiment/experiment.ts';
import type { MetricId } from '../../metrics/metrics.ts';
import { hodgesLehmann, hodgesLehmannRatio } from '../../statistics/hodges-lehmann.ts';
import type { CellAnalysis } from '../analysis.ts';
import type { Axes } from '../inference/axes.ts';
import { completeBlocks } from '../inference/complete-blocks.ts';
import type { Effect, MetricEffect } from './recommendation.ts';

/** What one cell changes against another in memory, its price and p99, paired by block as the contrasts are. */
export function effectOf(
  experiment: Pick<Experiment, 'confidence'>,
  cell: CellAnalysis,
  from: CellAnalysis,
  axes: Axes,
): Effect {
  const of = (metric: MetricId | undefined): MetricEffect | undefined => {
    const level = metric && from.estimates[metric];
    if (metric === undefined || level === undefined) return undefined;
    const pairs = completeBlocks([cell, from], [metric]).flatMap(([own, other]) => {
      const [value, base] = [own?.[0], other?.[0]];
      return value === undefined || base === undefined ? [] : [[value, base] as const];
    });
    if (pairs.length === 0) return undefined;
    const { confidence } = experiment;
    return {
      metric,
      from: level,
      difference: hodgesLehmann(
        pairs.map(([value, base]) => value - base),
        confidence,
      ),
      ratio: pairs.flat().every((value) => value > 0) ? hodgesLehmannRatio(pairs, confidence) : undefined,
    };
  };
  return { memory: of(axes.memory), cost: of(axes.cost), latency: of(axes.latency) };
}
