import type { MetricId } from '../metrics/metrics.ts';
import type { Cell, CellId, PlannedTrial } from '../experiment/plan/plan.ts';
import type { Phase, Reading, RunEnd, TrialRecord } from '../results/format.ts';

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
      /** Of a part of a plan: how many blocks the whole plan has; a trial's block is counted by these. */
      readonly ofBlocks?: number;
      /** In the order of the matrix. */
      readonly cells: readonly Pick<Cell, 'id' | 'role'>[];
      readonly estimatedSeconds: number;
      /** Of a run that is gone on with: how many of its trials are there already. */
      readonly kept?: number;
    }
  | { readonly type: 'trial-started'; readonly trial: PlannedTrial; readonly attempt: number; readonly index: number }
  | {
      /** A fault of the machine ended an attempt, which is repeated, left out, or the last one. */
      readonly type: 'trial-fault';
      readonly trial: PlannedTrial;
      readonly code: string;
      readonly message: string;
      readonly next: 'retry' | 'skip' | 'stop';
      /** Until it is repeated. */
      readonly waitSeconds: number;
    }
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
      /** After a block of a run that ends when its intervals are narrow enough. */
      readonly type: 'precision';
      readonly block: number;
      /** The half-width that is asked for. */
      readonly asked: number;
      /** The widest contrast of each primary metric. */
      readonly widest: readonly ContrastWidth[];
      /** Forecast of the blocks still needed, were each contrast to scatter on as it did; null where it cannot be told. */
      readonly blocksLeft: number | null;
    }
  | {
      readonly type: 'run-ended';
      readonly completed: number;
      readonly planned: number;
      readonly seconds: number;
      readonly why: RunEnd;
    };

/** How precisely a primary contrast is known by now. */
export interface ContrastWidth {
  readonly cell: CellId;
  readonly metric: MetricId;
  /** Half of the width that its interval can be expected to have, relative to the baseline; null where that cannot be told yet. */
  readonly halfWidth: number | null;
}

/** A trial's figures for the live display only; the report computes its own from the readings. */
export interface QuickFigures {
  readonly cell: CellId;
  readonly anonBytes?: number;
  readonly gcCpuFraction?: number;
  readonly cpuPerRequestSeconds?: number;
}

/** Takes the events of a sweep. */
export type OnSweepEvent = (event: SweepEvent) => void;
