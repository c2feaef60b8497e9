import type { Cell, Plan, PlannedTrial } from '../experiment/plan/plan.ts';
import type { Phase, Reading, RunManifest, TrialRecord } from '../results/format.ts';
import type { TrialWriter } from '../results/trial-writer.ts';

/** One trial as the sweep asks for it. */
export interface BackendTrial {
  readonly planned: PlannedTrial;
  readonly cell: Cell;
  readonly attempt: number;
  readonly runId: string;
  /** `profile`: an allocs profile is taken over the window. */
  readonly purpose: 'measure' | 'profile';
  readonly writer: TrialWriter;
  readonly onPhase: (phase: Phase['name']) => void;
  readonly onReading: (reading: Reading) => void;
}

/** Where the trials of a run take place: on this machine with a real target, or in virtual time with a model. */
export interface TrialBackend extends AsyncDisposable {
  /** Why this one, a line for people. */
  readonly why: string;
  /** How long the plan is expected to take, for the first forecast only. */
  readonly forecastSeconds: (plan: Plan) => number;
  /** What the manifest says of it. */
  readonly about: (
    plan: Plan,
  ) => Promise<
    Pick<
      RunManifest,
      | 'runner'
      | 'artifact'
      | 'variants'
      | 'services'
      | 'environment'
      | 'placement'
      | 'gomaxprocs'
      | 'warnings'
      | 'truth'
    >
  >;
  /** Removes what an earlier, killed gctune left of this run on the machine. */
  readonly reap: (runId: string) => Promise<void>;
  /** Makes everything ready that takes long or changes the machine. */
  readonly prepare: (runId: string) => Promise<void>;
  /** Takes account of a trial that an earlier gctune ran in this run, in the order in which they were run. */
  readonly replay: (record: TrialRecord) => void;
  /**
   * Takes account of a trial of a block that another part of the plan has. Only a model needs it, whose clock and drift go
   * on as if it had been run: what it would have come to.
   */
  readonly passOver?: (planned: PlannedTrial, cell: Cell, attempt: number) => TrialRecord;
  /** After a fault of the machine: makes good again what can be. Throws EnvironmentError while the fault lasts. */
  readonly recover: (runId: string, signal: AbortSignal) => Promise<void>;
  readonly runTrial: (trial: BackendTrial, signal: AbortSignal) => Promise<TrialRecord>;
  /** Seconds of its own clock since any moment; budgets are of them. */
  readonly nowSeconds: () => number;
}
