import type { Experiment } from '../experiment/experiment.ts';
import { EnvironmentError } from '../errors.ts';
import type { RunManifest } from '../results/format.ts';
import type { Daemon, Runner } from '../runner/runner.ts';
import type { Artifact } from '../target/artifact.ts';
import type { CompanionAddress } from '../workload/workload.ts';
import { becomesReady } from './become-ready.ts';
import { targetEnvironment } from './target-environment.ts';

/** What a companion is started from. */
export interface CompanionRequest {
  readonly runId: string;
  readonly trialId: string;
  readonly experiment: Experiment;
  readonly runner: Runner;
  readonly artifact: Artifact;
  readonly placement: RunManifest['placement'];
  readonly gomaxprocs: number;
  readonly workDirectory: string | undefined;
  readonly dataDirectory: string | undefined;
}

/** A second instance of the target that is ready. */
export interface RunningCompanion extends AsyncDisposable {
  readonly daemon: Daemon;
  readonly address: CompanionAddress;
}

/** Lines of the end of its output that are shown where it does not start. */
const tailLines = 20;

/** How long it is given to end by itself. */
const graceSeconds = 2;

/**
 * Starts the second instance, on the generator's CPU so that its work does not fall on the target's, and waits until it
 * is ready. Throws EnvironmentError `companion-failed` with the end of its output.
 */
export async function startCompanion(request: CompanionRequest, signal: AbortSignal): Promise<RunningCompanion> {
  const { experiment, runner, gomaxprocs, placement, runId, trialId, artifact, workDirectory, dataDirectory } = request;
  const { target, companion, limits } = experiment;
  const levels = {
    gogc: companion?.gogc ?? 100,
    gomemlimit: companion?.gomemlimit ?? 'off',
    workload: 'companion',
  } as const;
  const daemon = await runner.launch(
    {
      runId,
      trialId: `${trialId}-companion`,
      artifact,
      args: target.args,
      env: targetEnvironment(experiment, levels, gomaxprocs),
      port: target.port,
      limits,
      cpuset: placement.generator,
      workDirectory,
      dataDirectory,
      together: true,
    },
    signal,
  );
  const tail: string[] = [];
  const said = Promise.withResolvers<void>();
  const reading = (async () => {
    for await (const { text } of daemon.output) {
      tail.push(text);
      if (tail.length > tailLines) tail.shift();
      if (target.ready?.kind === 'output' && text.includes(target.ready.contains)) said.resolve();
    }
  })();
  const stop = async (): Promise<void> => {
    await daemon.stop(graceSeconds);
    await reading;
  };
  const ready = await Promise.race([
    becomesReady({ ready: target.ready, address: daemon.address, output: said.promise }, signal),
    daemon.exited.then(() => false),
  ]);
  const { address, insideHost } = daemon;
  if (!ready || address === undefined || insideHost === undefined) {
    await stop();
    signal.throwIfAborted();
    throw new EnvironmentError('companion-failed', 'the companion did not become ready', { details: tail });
  }
  return { daemon, address: { outside: address, inside: { host: insideHost } }, [Symbol.asyncDispose]: stop };
}
