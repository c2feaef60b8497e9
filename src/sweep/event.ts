import type { CellId, PlannedTrial } from '../experiment/plan.ts';
import type { Phase, Reading, TrialRecord } from '../results/format.ts';

/** What a sweep tells whoever watches it, as it happens. */
export type SweepEvent =
  | { readonly type: 'note'; readonly message: string }
  | {
      readonly type: 'run-started';
      readonly runId: string;
      readonly folder: string;
      readonly runner: string;
      readonly why: string;
      readonly trials: number;
      readonly blocks: number;
      readonly estimatedSeconds: number;
    }
  | { readonly type: 'trial-started'; readonly trial: PlannedTrial; readonly attempt: number; readonly index: number }
  | { readonly type: 'phase'; readonly trial: string; readonly phase: Phase['name'] }
  | { readonly type: 'reading'; readonly trial: string; readonly reading: Reading }
  | {
      readonly type: 'trial-ended';
      readonly record: TrialRecord;
      readonly quick: QuickFigures;
      readonly index: number;
      readonly secondsLeft: number;
    }
  | {
      readonly type: 'run-ended';
      readonly completed: number;
      readonly planned: number;
      readonly seconds: number;
      readonly why: 'plan-done' | 'interrupted' | 'failed';
    };

/** A trial's figures for the live display only; the report computes its own from the readings. */
export interface QuickFigures {
  readonly cell: CellId;
  readonly anonBytes?: number;
  readonly gcCpuFraction?: number;
  readonly cpuPerRequestSeconds?: number;
}

/** Takes the events of a sweep. */
export type OnSweepEvent = (event: SweepEvent) => void;
