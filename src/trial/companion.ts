import { EnvironmentError } from '../errors.ts';
import type { Companion } from '../experiment/experiment.ts';
import { followOutput } from '../runner/follow-output.ts';
import type { Daemon } from '../runner/runner.ts';
import type { CompanionAddress } from '../workload/workload.ts';
import { becomesReady } from './become-ready.ts';
import { launchInstance } from './launch-instance.ts';
import type { TrialRequest } from './trial-request.ts';

/** A second instance of the target that is ready. */
export interface RunningCompanion extends AsyncDisposable {
  readonly daemon: Daemon;
  readonly address: CompanionAddress;
}

/** How long it is given to end by itself. */
const graceSeconds = 2;

/**
 * Starts the second instance, on the generator's CPU so that its work does not fall on the target's, and waits until it
 * is ready. Throws EnvironmentError `companion-failed` with the end of its output.
 */
export async function startCompanion(
  request: TrialRequest,
  { gogc, gomemlimit }: Companion,
  signal: AbortSignal,
): Promise<RunningCompanion> {
  const { planned, placement, companionDataDirectory } = request;
  const { ready } = request.experiment.target;
  const daemon = await launchInstance(
    request,
    {
      trialId: `${planned.id}-companion`,
      levels: { gogc, gomemlimit, workload: 'companion' },
      args: [],
      cpuset: placement.generator,
      dataDirectory: companionDataDirectory,
    },
    signal,
  );
  const said = Promise.withResolvers<void>();
  const output = followOutput(daemon.output, (text) => {
    if (ready?.kind === 'output' && text.includes(ready.contains)) said.resolve();
  });
  const stop = async (): Promise<void> => {
    try {
      await daemon.stop(graceSeconds);
      await output.ended;
    } finally {
      await daemon[Symbol.asyncDispose]();
    }
  };
  const unready = await Promise.race([
    becomesReady({ ready, daemon, output: said.promise }, signal),
    daemon.exited.then(() => ({ said: 'it ended' })),
  ]);
  const { address, insideHost } = daemon;
  if (unready !== undefined || address === undefined || insideHost === undefined) {
    await stop();
    signal.throwIfAborted();
    const why = unready === undefined ? '' : `: ${unready.said}`;
    throw new EnvironmentError('companion-failed', `the companion did not become ready${why}`, {
      details: output.tail,
    });
  }
  return { daemon, address: { outside: address, inside: { host: insideHost } }, [Symbol.asyncDispose]: stop };
}
