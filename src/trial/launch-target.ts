import type { WorkloadSpec } from '../experiment/experiment.ts';
import type { Daemon } from '../runner/runner.ts';
import { reachedFrom, type RunningService } from './services.ts';
import { targetEnvironment } from './target-environment.ts';
import { templates } from './templates.ts';
import type { TrialRequest } from './trial-request.ts';

/** Starts the target beside the services that run. Throws EnvironmentError. */
export function launchTarget(
  request: TrialRequest,
  spec: WorkloadSpec,
  services: readonly RunningService[],
  signal: AbortSignal,
): Promise<Daemon> {
  const { experiment, runId, runner, artifact, gomaxprocs, workDirectory, dataDirectory, variables } = request;
  const { planned, cell, placement } = request;
  const { target, limits } = experiment;
  const args = spec.kind === 'batch' || spec.kind === 'http' ? (spec.args ?? []) : [];
  return runner.launch(
    {
      runId,
      trialId: planned.id,
      artifact,
      args: [...target.args, ...args],
      env: targetEnvironment(experiment, cell.levels, gomaxprocs),
      variables,
      port: target.port,
      ports: target.ports,
      unix: target.unix,
      limits,
      cpuset: placement.target,
      workDirectory,
      dataDirectory,
      together: services.length > 0 || request.loads[cell.levels.workload]?.program.image !== undefined,
      services: reachedFrom(runner, services),
      beforeStart: templates(target.files, dataDirectory),
    },
    signal,
  );
}
