import type { Experiment } from '../experiment/experiment.ts';
import type { RunnerName } from '../experiment/runner-names.ts';
import type { Drift, RunManifest, RunShard } from '../results/format.ts';
import type { RunFolder } from '../results/run-folder.ts';
import type { Secrets } from '../experiment/secrets/secrets.ts';
import type { OnSweepEvent } from './event.ts';
import type { MeasureWidths } from './precision.ts';

/** What to sweep and whom to tell. */
export interface SweepRequest {
  /** As it is written down: without its secrets. */
  readonly experiment: Experiment;
  /** Its secrets, where it has any. */
  readonly secrets?: Secrets;
  readonly experimentText: string;
  readonly experimentFile: string;
  /** The results root; the run's own folder is made in it. */
  readonly output: string;
  readonly seed: number;
  readonly runner: Experiment['runner'] | RunnerName;
  readonly onEvent: OnSweepEvent;
  /** Calls back once for each output stream that is lost, or was already, until the returned function is called. */
  readonly onLost?: (listener: (lost: { stream: 'stdout' | 'stderr'; code: string }) => void) => () => void;
  readonly signal: AbortSignal;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly toolVersion: string;
  /** Asked after each block where the number of blocks is adaptive. */
  readonly measureWidths: MeasureWidths;
  /** Told of each block that another one follows, and awaited: meanwhile nothing is measured. Never fails. */
  readonly afterBlock?: ((folder: string, block: number) => Promise<void>) | undefined;
  /** Reduces a trial that has ended, between trials, and keeps that beside it; never fails. */
  readonly reduce: (run: RunFolder, trial: string, attempt: number) => Promise<void>;
  /** Asked once the target and the machine are known, before anything is made or measured; throws to refuse the run. */
  readonly admit?: (manifest: RunManifest) => void;
  /** The run to go on with, in place of a new one. Experiment and seed are then its own. */
  readonly resume?: {
    readonly folder: string;
    /** What has changed since the run began, to be recorded; throws to refuse the run. Asked like `admit`. */
    readonly drift: (before: RunManifest, now: RunManifest) => readonly Drift[];
  };
  /** Where a pilot comes first: the experiment that the pilot's levels are for. */
  readonly pilotOf?: Experiment;
  /** The part of the plan that is run. A run that is gone on with has its own. */
  readonly shard?: RunShard;
  /** Of a confirmation: the id of the run whose recommendation it confirms. */
  readonly confirms?: string;
}
