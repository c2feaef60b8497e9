import type { Experiment } from '../../experiment/experiment.ts';
import { FORCED_CYCLE_SECONDS, HEAP_MINIMUM_BYTES, isMinimumGoal } from '../../go/pacer.ts';
import { formatBytes } from '../../units/format-units.ts';
import type { CellAnalysis } from '../analysis.ts';
import { LEAST_CYCLES } from '../per-trial/gc-figures.ts';
import { exclusionOf } from '../inference/complete-blocks.ts';
import { quantity } from '../finding/words.ts';
import type { Exclusion } from './model-analysis.ts';

/** A goal so far under its formula is set by the memory limit, not by GOGC. */
const GOAL_SHORTFALL = 0.9;

/** Why the law cannot be expected to hold in a cell, as far as its other figures tell; undefined where it can. */
export function lawExclusion(
  { baseline, phases }: Pick<Experiment, 'baseline' | 'phases'>,
  cell: CellAnalysis,
  mostValid: number,
): Exclusion | undefined {
  const { gogc, gomemlimit } = cell.levels;
  const spoilt = exclusionOf(cell, mostValid);
  if (spoilt !== undefined) return { code: 'not-comparable', reason: spoilt };
  if (gogc === 'off' || gogc === 0) {
    return { code: 'gogc-off', reason: `the law does not cover GOGC=${gogc}` };
  }
  if (gomemlimit !== baseline.gomemlimit) {
    return { code: 'memory-limit', reason: 'its GOMEMLIMIT differs from the baseline’s' };
  }
  const g = gogc / 100;
  const live = cell.estimates['heap.live']?.value;
  const goal = cell.estimates['heap.goal']?.value;
  const cycles = cell.estimates['gc.cycles']?.value;
  if (gomemlimit !== 'off' && limitRules(cell, live, goal, g)) {
    return { code: 'memory-limit', reason: `GOMEMLIMIT=${formatBytes(gomemlimit)} determines its heap size, not GOGC` };
  }
  // Where the live heap is known from the goal alone, the formula cannot fall under the minimum.
  const asked = Math.min(goal ?? Infinity, live === undefined ? Infinity : live * (1 + g));
  if (isMinimumGoal(asked, g)) {
    const least = quantity(HEAP_MINIMUM_BYTES * g, 'bytes');
    return {
      code: 'minimum-heap',
      reason: `the runtime’s minimum heap of ${least} determines its heap size, not GOGC`,
    };
  }
  if (cycles === undefined) return undefined;
  const window = cell.estimates['batch.duration']?.value ?? phases.measureSeconds;
  if (window >= FORCED_CYCLE_SECONDS && cycles <= 1.1 * (window / FORCED_CYCLE_SECONDS) + 1) {
    return { code: 'forced-cycles', reason: 'its only GC cycles are those that the runtime forces every two minutes' };
  }
  if (cycles < LEAST_CYCLES) {
    return { code: 'too-few-cycles', reason: `only ${cycles} GC cycles ended in its window` };
  }
  return undefined;
}

function limitRules(cell: CellAnalysis, live: number | undefined, goal: number | undefined, g: number): boolean {
  if (cell.warnings.some(({ code }) => code === 'memory-limit-binds')) return true;
  return live !== undefined && goal !== undefined && goal < GOAL_SHORTFALL * live * (1 + g);
}
