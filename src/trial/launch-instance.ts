import type { Levels } from '../experiment/experiment.ts';
import type { Daemon } from '../runner/runner.ts';
import { targetEnvironment } from './target-environment.ts';
import type { TrialRequest } from './trial-request.ts';

/** What tells one instance of the target in a trial from the other. */
export interface Instance {
  /** The trial's own id, or one made of it. */
  readonly trialId: string;
  readonly levels: Levels;
  /** argv after those of the target. */
  readonly args: readonly string[];
  readonly cpuset: string | undefined;
  readonly dataDirectory: string | undefined;
}

/** Starts an instance of the target; where the experiment has two, on one network. Throws EnvironmentError. */
export function launchInstance(request: TrialRequest, instance: Instance, signal: AbortSignal): Promise<Daemon> {
  const { experiment, runId, runner, artifact, gomaxprocs, workDirectory, variables } = request;
  const { target, limits, companion } = experiment;
  const { trialId, levels, args, cpuset, dataDirectory } = instance;
  return runner.launch(
    {
      runId,
      trialId,
      artifact,
      args: [...target.args, ...args],
      env: targetEnvironment(experiment, levels, gomaxprocs),
      variables,
      port: target.port,
      ports: target.ports,
      limits,
      cpuset,
      workDirectory,
      dataDirectory,
      together: companion !== undefined,
    },
    signal,
  );
}
