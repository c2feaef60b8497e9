import type { RealRunnerName } from '../experiment/runner-names.ts';
import { dockerRunner } from './docker/docker-runner.ts';
import { processRunner } from './process/process-runner.ts';
import type { Runner } from './runner.ts';
import { sidecarRunner } from './sidecar/sidecar-runner.ts';

/** Opens each runner of real targets; connects to nothing yet. */
export type RunnerRegistry = Readonly<Record<RealRunnerName, () => Runner>>;

/** The runners of real targets, in the order in which `auto` tries them. A process can always be started, so it never looks beyond that. */
export const RUNNERS: RunnerRegistry = {
  docker: dockerRunner,
  process: processRunner,
  sidecar: sidecarRunner,
};
