import type { WorkloadAnalysis } from '../analysis.ts';
import { lawValue } from './law-value.ts';
import { ROUND_LEVELS } from './unrun-levels.ts';

/** With more levels than this the blocks take longer than what a further level tells is worth. */
const MOST_LEVELS = 6;
/** Between neighbours that differ by less than this part of the baseline's memory and CPU together, nobody chooses. */
const LEAST_GAP = 0.05;

/**
 * The levels that a pilot gives reason to run besides its own, in the order in which they are chosen: each next one is
 * the round level that best halves the widest gap, a gap being what the cost model has two neighbours differ by in
 * memory and in its price, both relative to the baseline, in the workload where that is most. Ends with six levels, or
 * when no gap is worth a level. Empty where no workload has a law of both.
 */
export function chooseLevels(
  workloads: readonly Pick<WorkloadAnalysis, 'model'>[],
  given: readonly number[],
  baseline: number,
): readonly number[] {
  const curves = workloads.flatMap(({ model }) => {
    const memory = model?.laws.find(({ kind }) => kind === 'memory');
    const cost = model?.laws.find(({ kind }) => kind === 'cost');
    return memory === undefined || cost === undefined ? [] : [[memory, cost] as const];
  });
  const gap = (a: number, b: number): number =>
    Math.max(
      0,
      ...curves.map((laws) =>
        laws.reduce(
          (sum, law) => sum + Math.abs(lawValue(law, b) - lawValue(law, a)) / Math.abs(lawValue(law, baseline)),
          0,
        ),
      ),
    );
  const levels = [...new Set(given)].toSorted((a, b) => a - b);
  const chosen: number[] = [];
  while (levels.length < MOST_LEVELS) {
    const next = levels
      .slice(1)
      .flatMap((above, i) => {
        const below = levels[i] as number;
        const size = gap(below, above);
        const middle = ROUND_LEVELS.filter((level) => level > below && level < above).toSorted(
          (a, b) => unevenness(gap, below, a, above) - unevenness(gap, below, b, above),
        )[0];
        return size < LEAST_GAP || middle === undefined ? [] : [{ size, middle }];
      })
      .toSorted((a, b) => b.size - a.size)[0];
    if (next === undefined) break;
    chosen.push(next.middle);
    levels.push(next.middle);
    levels.sort((a, b) => a - b);
  }
  return chosen;
}

function unevenness(gap: (a: number, b: number) => number, below: number, level: number, above: number): number {
  return Math.max(gap(below, level), gap(level, above));
}
