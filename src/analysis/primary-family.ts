import type { Experiment } from '../experiment/experiment.ts';
import { leastBlocks } from '../experiment/reachability.ts';
import { satisfies } from '../statistics/least-n.ts';
import type { Contrast, WorkloadAnalysis } from './analysis.ts';

/** The primary contrasts of a run as the family that they are. */
export interface PrimaryFamily {
  /** Contrasts that are tested together. */
  readonly comparisons: number;
  /** The least number of blocks with which any of them can be significant after Holm. */
  readonly needed: number;
  /** Whether the run has so many. */
  readonly reachable: boolean;
}

/** Counts the primary contrasts of all workloads, and the blocks that they need. */
export function primaryFamily(
  { confidence }: Pick<Experiment, 'confidence'>,
  workloads: readonly Pick<WorkloadAnalysis, 'contrasts'>[],
): PrimaryFamily {
  const tested = workloads.flatMap(({ contrasts }) =>
    contrasts.filter(({ family, p }) => family === 'primary' && p !== null),
  );
  const needed = tested.length === 0 ? 0 : leastBlocks(tested.length, confidence);
  return {
    comparisons: tested.length,
    needed,
    reachable: tested.some(({ difference }) => difference.n >= needed),
  };
}

/**
 * Whether a primary contrast may be chance, for so many are made: its adjusted p does not allow a claim although the
 * blocks would have sufficed for one. Where they would not, no p says anything, and that is said once of the whole run.
 */
export function mayBeChance(contrast: Contrast, family: PrimaryFamily, confidence: number): boolean {
  const { adjustedP } = contrast;
  return (
    contrast.family === 'primary' && family.reachable && adjustedP !== null && !satisfies(1 - adjustedP, confidence)
  );
}
