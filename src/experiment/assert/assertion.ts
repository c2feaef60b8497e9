import type { ReadBound } from './bound.ts';
import type { MetricId } from '../../metrics/metrics.ts';

/** How much it matters that an assertion does not hold; `off`: it is not evaluated. */
export const ASSERTION_LEVELS = ['off', 'warn', 'error'] as const;
/** One of them. */
export type AssertionLevel = (typeof ASSERTION_LEVELS)[number];

/** One end of what is asserted. */
export interface AssertedBound {
  /** In the metric's base unit; of a change a fraction, 0.1 for +10 %. */
  readonly value: number;
  /** As the file has it: `40MiB`. */
  readonly written: string;
}

/** What is asserted of one metric in one or more cells. */
export interface Assertion {
  readonly metric: MetricId;
  /** The cells, as `gogc=10 workload=steady`; undefined: every level, and against the baseline every other one. */
  readonly cell: string | undefined;
  /** Whether the value itself is held to the bounds, or its difference from the baseline or its change in per cent. */
  readonly kind: ReadBound['kind'];
  readonly min: AssertedBound | undefined;
  readonly max: AssertedBound | undefined;
  readonly level: AssertionLevel;
}
