import type { MetricUnit } from '../units/format-units.ts';

/** What a reducer is that weighs each reading by the time for which it stands. */
export const TIME_MEAN = 'time-weighted mean over the window';

/** What metrics are compared in; a setting is chosen by one of each. */
export type Axis = 'memory' | 'cost' | 'latency';

/** Everything that is known of a metric, but for the function in analysis/per-trial/reduce-trial.ts that makes its number. */
export interface MetricEntry {
  /** Short name for a table head or an axis. */
  readonly label: string;
  readonly unit: MetricUnit;
  readonly better: 'lower' | 'higher' | 'neither';
  /** Which way is better between two programs at one setting, where settings alone should not change it. */
  readonly betweenPrograms?: 'lower' | 'higher';
  /** The rule that makes one number of a window's readings. */
  readonly reducer: string;
  /** One sentence for an operator. */
  readonly definition: string;
  /** The work without which it is not known: of requests or runs. Left out: it is known of a target that is idle too. */
  readonly work?: readonly ('request' | 'run')[];
  /** What it is a measure of when settings are compared; the least rank is the best. */
  readonly axis?: { readonly of: Axis; readonly rank: number };
  /** How theory has it go as GOGC grows, 1 up and −1 down, and what is said where it does not. */
  readonly withGogc?: { readonly direction: 1 | -1; readonly words: string };
  /** It is of time and not of a piece of work, so that settings compare in it only under the same load. */
  readonly perTime?: true;
  /** It is what is paid with, so that more of it is a cost. */
  readonly price?: true;
  /** Its source must be known to judge it; its place in the sentence that says where the figures come from. */
  readonly sourced?: number;
  /** Its place among the charts against GOGC. */
  readonly againstGogc?: number;
  /** Its numbers stand behind the charts over time. */
  readonly overTime?: true;
}
