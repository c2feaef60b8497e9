import type { Limits, TargetSpec } from '../experiment/experiment.ts';
import type { Runner } from '../runner/runner.ts';
import type { Artifact } from '../target/artifact.ts';
import { prepareScratch } from './scratch.ts';

/** What a preparation is made of. */
export interface PrepareRequest {
  readonly runId: string;
  readonly target: TargetSpec;
  readonly companion: boolean;
  readonly runner: Runner;
  readonly artifact: Artifact;
  /** The target's environment in the steps that run it. */
  readonly env: Readonly<Record<string, string>>;
  readonly limits: Limits;
  readonly experimentDirectory: string;
  readonly signal: AbortSignal;
  readonly onProgress: (line: string) => void;
}

/** A copy of a data folder; disposing it removes it. */
export type DataCopy = AsyncDisposable & { readonly directory: string };

/** What was prepared; disposing it removes all of it. */
export interface Prepared extends AsyncDisposable {
  readonly workDirectory: string | undefined;
  /** A fresh copy of what was prepared, for one instance; undefined where the target has no data folder. */
  freshData(): Promise<DataCopy | undefined>;
  /** The same of the companion, which was prepared by the same steps in a template of its own. */
  freshCompanionData(): Promise<DataCopy | undefined>;
}

/** Placeholder until preparation through the target is in: the work folder alone. */
export async function prepareTarget(request: PrepareRequest): Promise<Prepared> {
  const { runId, target, experimentDirectory, signal } = request;
  const scratch = await prepareScratch(runId, target.prepare, experimentDirectory, signal);
  return {
    workDirectory: scratch.directory,
    freshData: () => Promise.resolve(undefined),
    freshCompanionData: () => Promise.resolve(undefined),
    [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose](),
  };
}
