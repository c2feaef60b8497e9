import type { Experiment } from '../experiment/experiment.ts';
import type { Redact } from '../experiment/secrets/secrets.ts';
import type { Cell, PlannedTrial } from '../experiment/plan/plan.ts';
import type { Phase, Reading, RunManifest } from '../results/format.ts';
import type { TrialWriter } from '../results/trial-writer.ts';
import type { Runner } from '../runner/runner.ts';
import type { Artifact } from '../target/artifact.ts';
import type { LoadProgram } from '../workload/workload.ts';
import type { RunningService, ServiceStart } from './services.ts';

/** The load program of a workload, found or built, and where it works. */
export interface LoadAtWork {
  readonly program: LoadProgram;
  /** The folder of the experiment's file. */
  readonly directory: string;
  /** A folder for the reports, which only this user can look into. */
  readonly reports: string;
}

/** Everything one trial needs. */
export interface TrialRequest {
  readonly planned: PlannedTrial;
  readonly cell: Cell;
  readonly attempt: number;
  readonly runId: string;
  /** With its secrets: never to be written. */
  readonly experiment: Experiment;
  /** What `${NAME}` in the target's environment stands for. */
  readonly variables: Readonly<Record<string, string>>;
  /** Takes the secrets out of what is kept of other text. */
  readonly redact: Redact;
  readonly runner: Runner;
  readonly artifact: Artifact;
  readonly placement: RunManifest['placement'];
  /** The load programs of the workloads that have one, by the workload's name. */
  readonly loads: Readonly<Record<string, LoadAtWork>>;
  readonly gomaxprocs: number;
  readonly workDirectory: string | undefined;
  /** The target's own folder, where it has one; it was copied for this trial. */
  readonly dataDirectory: string | undefined;
  /** The services that run already, and those that are started for this trial, in their order. */
  readonly runningServices: readonly RunningService[];
  readonly services: readonly ServiceStart[];
  /** `profile`: an allocs profile is taken over the window. */
  readonly purpose: 'measure' | 'profile';
  readonly writer: TrialWriter;
  readonly onPhase: (phase: Phase['name']) => void;
  readonly onReading: (reading: Reading) => void;
}
