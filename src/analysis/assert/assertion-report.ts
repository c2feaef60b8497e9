import type { Assertion } from '../../experiment/assert/assertion.ts';
import type { CellId } from '../../experiment/plan/plan.ts';
import type { Estimate } from '../../statistics/estimate.ts';

/** Version of the document of `gctune assert --json`. */
export const ASSERTION_VERSION = 1;

/** What became of an experiment's assertions. */
export interface AssertionReport {
  readonly formatVersion: number;
  /** Whether what is undecided or was not run counts as a failure. */
  readonly strict: boolean;
  /** One for each assertion and cell, in the order of the file and of the matrix. */
  readonly results: readonly AssertionResult[];
  /** Assertions of level `off`: not looked at. */
  readonly off: number;
}

/** One assertion in one cell. */
export interface AssertionResult {
  readonly assertion: Assertion;
  /** Undefined, as the label, where the run has no cell that the assertion is about. */
  readonly workload: string | undefined;
  readonly cell: CellId | undefined;
  readonly label: string | undefined;
  /**
   * `passed`: the whole interval is within the bounds; `failed`: the whole of it is beyond one of them, or there is no
   * figure; `undecided`: the interval holds a bound, or there is none; `not-run`: the run left the cells out.
   */
  readonly state: 'passed' | 'failed' | 'undecided' | 'not-run';
  /** What was held to the bounds, in the metric's unit; of a change a fraction. Undefined where there is no figure. */
  readonly estimate: Estimate | undefined;
  /** Why there is no decision, or a failure without figures. */
  readonly reason: string | undefined;
  /** Blocks in all that are forecast to decide it; null where that cannot be said or it is decided. */
  readonly blocksNeeded: number | null;
  /** How it counts: what is undecided or was not run is an error only where the report is strict, at the level `error`. */
  readonly severity: 'ok' | 'warning' | 'error';
}

/** Whether any result is an error. */
export function hasErrors({ results }: AssertionReport): boolean {
  return results.some(({ severity }) => severity === 'error');
}
