import type { Experiment } from '../../experiment/experiment.ts';
import { stratumSeed } from '../../experiment/factors.ts';
import { blockPermutationTest } from '../../statistics/block-permutation.ts';
import { seededStream } from '../../statistics/random.ts';
import type { CellAnalysis, Omnibus } from '../analysis.ts';
import { completeBlocks } from './complete-blocks.ts';

/** Whether the levels of a workload differ at all in each primary, over the blocks that have a figure of all of them. */
export function omnibusOf(
  { primaries }: Pick<Experiment, 'primaries'>,
  cells: readonly CellAnalysis[],
  seed: number,
): readonly Omnibus[] {
  return primaries.flatMap((metric) => {
    const levels = cells.filter(({ role, values }) => role === 'level' && (values[metric] ?? []).length > 0);
    const blocks = completeBlocks(levels, [metric]).map((block) => block.flat());
    if (levels.length < 2 || blocks.length === 0) return [];
    const stream = seededStream(seed, 'omnibus', stratumSeed(levels[0]?.levels), metric);
    return [{ metric, cells: levels.length, ...blockPermutationTest(blocks, stream) }];
  });
}
