import type { Levels } from '../experiment.ts';

/** The name of a cell, unique in a plan: the factors that vary, as `gogc=25 workload=steady`; the A/A cell ends in ` (A/A)`. */
export type CellId = string;

/** One combination of levels. */
export interface Cell {
  readonly id: CellId;
  readonly levels: Levels;
  /** `level`: an ordinary cell; `a-a`: the baseline a second time, whose contrast shows the machine's own noise. */
  readonly role: 'level' | 'a-a';
  /** True for the cell that contrasts of its workload are against. */
  readonly baseline: boolean;
}

/** One trial that is to be run. */
export interface PlannedTrial {
  /** `<block>-<position>-<slug of the cell>`, safe as a folder name, for example `003-07-gogc-25-workload-steady`. */
  readonly id: string;
  /** Counts from 1. */
  readonly block: number;
  /** Place within the block, from 1. */
  readonly position: number;
  readonly cell: CellId;
  /** Seed of everything random in this trial; the same for all trials of a block, so that they get the same arrivals. */
  readonly seed: number;
}

/** Everything that will be run, in order. */
export interface Plan {
  readonly seed: number;
  readonly blocks: number;
  readonly cells: readonly Cell[];
  readonly trials: readonly PlannedTrial[];
  /** Trials in which a profile is taken during the window; run once, after the last block, and no figure of theirs counts. */
  readonly profiling: readonly PlannedTrial[];
}
