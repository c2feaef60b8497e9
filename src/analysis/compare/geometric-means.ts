import { METRIC_IDS, type MetricId } from '../../metrics/metrics.ts';
import { hodgesLehmannRatio } from '../../statistics/hodges-lehmann.ts';
import { hodgesLehmannTwoSample } from '../../statistics/hodges-lehmann-two-sample.ts';
import type { CellAnalysis } from '../analysis.ts';
import type { CellPair } from './cell-pairs.ts';
import type { RunComparison } from './run-comparison.ts';

/** How a geometric mean says that it was made. */
const METHOD = 'Hodges–Lehmann of the blocks’ mean logarithms, rank sum';

const PAIRED_METHOD = 'Hodges–Lehmann of the blocks’ mean log ratios, signed rank';

/**
 * New ÷ base over all cells at once: each block's mean of ln(value) over the cells is one value of its run, and the two
 * samples of blocks are compared by the Hodges–Lehmann shift. So it has an exact interval, and what moves a whole block
 * alike counts once. Only metrics that every cell has with positive values, and blocks that have all cells.
 */
export function geometricMeans(pairs: readonly CellPair[], confidence: number): RunComparison['geometricMeans'] {
  if (pairs.length < 2) return [];
  return METRIC_IDS.flatMap((metric) => {
    const before = blockMeans(
      pairs.map(({ base }) => base),
      metric,
    );
    const after = blockMeans(
      pairs.map(({ other }) => other),
      metric,
    );
    if (before.length === 0 || after.length === 0) return [];
    const shift = hodgesLehmannTwoSample(after, before, confidence);
    const back = (end: number | null): number | null => (end === null ? null : Math.exp(end));
    const ratio = {
      ...shift,
      value: Math.exp(shift.value),
      low: back(shift.low),
      high: back(shift.high),
      method: METHOD,
    };
    return [{ metric, cells: pairs.length, ratio }];
  });
}

/** The same of two levels of one run: each block's mean of ln(new ÷ base) over the cells is one value, since its trials are paired. */
export function pairedGeometricMeans(pairs: readonly CellPair[], confidence: number): RunComparison['geometricMeans'] {
  if (pairs.length < 2) return [];
  return METRIC_IDS.flatMap((metric) => {
    const [before, after] = (['base', 'other'] as const).map((side) =>
      meansByBlock(
        pairs.map((pair) => pair[side]),
        metric,
      ),
    ) as [ReadonlyMap<number, number>, ReadonlyMap<number, number>];
    const ratios = [...before].flatMap(([block, base]): readonly (readonly [number, number])[] => {
      const value = after.get(block);
      return value === undefined ? [] : [[Math.exp(value), Math.exp(base)]];
    });
    if (ratios.length === 0) return [];
    const ratio = { ...hodgesLehmannRatio(ratios, confidence), method: PAIRED_METHOD };
    return [{ metric, cells: pairs.length, ratio }];
  });
}

function blockMeans(cells: readonly CellAnalysis[], metric: MetricId): readonly number[] {
  return [...meansByBlock(cells, metric).values()];
}

function meansByBlock(cells: readonly CellAnalysis[], metric: MetricId): ReadonlyMap<number, number> {
  const logs = new Map<number, number[]>();
  for (const { values } of cells) {
    for (const { block, value } of values[metric] ?? []) {
      if (value > 0) logs.set(block, [...(logs.get(block) ?? []), Math.log(value)]);
    }
  }
  return new Map(
    [...logs]
      .filter(([, all]) => all.length === cells.length)
      .map(([block, all]) => [block, all.reduce((sum, log) => sum + log, 0) / all.length] as const),
  );
}
