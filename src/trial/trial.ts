import type { Outcome, TrialRecord } from '../results/format.ts';
import type { Address, Daemon, Services } from '../runner/runner.ts';
import { makeWorkload } from '../workload/make-workload.ts';
import type { LoadRequest, ServiceAddresses } from '../workload/workload.ts';
import { TrialAccount } from './account.ts';
import { runBatch } from './batch-trial.ts';
import { becomesReady } from './become-ready.ts';
import { runDaemon } from './daemon-trial.ts';
import { Ended } from './ended.ts';
import { Guard, serviceEnded } from './guard.ts';
import { launchTarget } from './launch-target.ts';
import { PhaseClock } from './phase-clock.ts';
import { timingOf } from './replayed-logs.ts';
import { reachedFrom, ServiceStack, type RunningService } from './services.ts';
import type { TrialRequest } from './trial-request.ts';

/** How long the target is given to end by itself after SIGTERM. */
const graceSeconds = 2;

/**
 * Runs one trial: launch → ready → preload → warm-up → settle → measure → drain → stop. Whatever happens to the target is an
 * outcome in the record; only what is wrong with the machine throws (EnvironmentError). When it returns, nothing of
 * the target is left.
 */
export async function runTrial(request: TrialRequest, signal: AbortSignal): Promise<TrialRecord> {
  const clock = new PhaseClock(request.onPhase);
  const account = new TrialAccount(request, clock, signal);
  let outcome: Outcome;
  try {
    outcome = await launchAndRun(account);
  } catch (error) {
    if (error instanceof Ended) outcome = error.outcome;
    else if (signal.aborted) outcome = { kind: 'aborted', phase: clock.phase };
    else throw error;
  }
  return account.record(outcome);
}

/** Launches what one trial needs, and runs it. */
async function launchAndRun(account: TrialAccount): Promise<Outcome> {
  const { request, clock, signal, output } = account;
  const { experiment, cell, planned, placement } = request;
  const spec = experiment.workloads[cell.levels.workload];
  if (spec === undefined) throw new Error(`cell ${cell.id} names no workload of the experiment`);
  const address = Promise.withResolvers<Address | undefined>();
  const beside = Promise.withResolvers<ServiceAddresses>();
  // A batch and an idle target are asked for nothing, and nobody waits for these.
  address.promise.catch(() => undefined);
  beside.promise.catch(() => undefined);
  let further: Daemon['addresses'] = {};
  let reached: Services = {};
  // The generator's process starts while the target does; the load begins when the target is ready.
  const loading = makeWorkload(spec).start(
    {
      address: address.promise,
      addresses: () => further,
      reached: () => reached,
      seed: planned.seed,
      cpuset: placement.generator,
      services: beside.promise,
      timing: timingOf(experiment),
      ...programPlace(request),
    },
    signal,
  );
  loading.catch(() => undefined);
  try {
    clock.enter('launch');
    await using own = new ServiceStack();
    for (const service of request.services) await own.start(service, request.runningServices, signal);
    const services = [...request.runningServices, ...own.running];
    await using daemon = await launchTarget(request, spec, services, signal);
    const reading = output.consume(daemon.output);
    const run = async (): Promise<Outcome> => {
      if (spec.kind === 'batch') {
        const over = services.map(({ ended }) => ended.then((said) => Promise.reject(new Ended(serviceEnded(said)))));
        return Promise.race([runBatch(account, daemon, await loading, spec.withinSeconds), ...over]);
      }
      const guard = new Guard({
        daemon,
        services,
        clock,
        limitBytes: experiment.limits.memoryBytes,
        signal,
        throwFailure: () => request.writer.throwFailure(),
      });
      await becomeReady(account, daemon, guard);
      const seen = seenByLoad(request, daemon, services);
      further = seen.further;
      reached = seen.services;
      address.resolve(seen.address);
      beside.resolve(addressesOf(request, services));
      return runDaemon(account, daemon, guard, loading);
    };
    try {
      return await unlessAtFault([daemon, ...services.map((service) => service.daemon)], run, signal);
    } finally {
      clock.enter('stop');
      account.exited(await daemon.stop(graceSeconds));
      await reading;
      clock.leave();
    }
  } finally {
    const never = new Error('the target did not become ready');
    address.reject(never);
    beside.reject(never);
    await (await loading.catch(() => undefined))?.[Symbol.asyncDispose]();
  }
}

/** What a load program is told, where the workload of the trial has one. */
function programPlace(request: TrialRequest): Pick<LoadRequest, 'program'> {
  const { loads, cell, planned, runId, experiment, variables, workDirectory } = request;
  const load = loads[cell.levels.workload];
  if (load === undefined) return {};
  const seconds = experiment.phases.measureSeconds;
  return { program: { ...load, runId, trialId: planned.id, seconds, workDirectory, variables } };
}

/** What the machine did to the target or a service is no outcome of the trial. Throws EnvironmentError where that explains how it ended. */
async function unlessAtFault(
  daemons: readonly Daemon[],
  run: () => Promise<Outcome>,
  signal: AbortSignal,
): Promise<Outcome> {
  const outcome = await run().catch((error: unknown) => {
    if (error instanceof Ended) return error.outcome;
    throw error;
  });
  if (outcome.kind === 'completed' || signal.aborted) return outcome;
  for (const daemon of daemons) {
    const fault = await daemon.fault();
    if (fault !== undefined) throw fault;
  }
  return outcome;
}

/** Where the load reaches the target and the services: from this machine, or from a container beside theirs. */
function seenByLoad(
  { loads, cell }: TrialRequest,
  daemon: Daemon,
  services: readonly RunningService[],
): { readonly address: Address | undefined; readonly further: Daemon['addresses']; readonly services: Services } {
  const image = loads[cell.levels.workload]?.program.image;
  const { inside } = daemon;
  if (image === undefined || inside === undefined)
    return { address: daemon.address, further: daemon.addresses, services: reachedHere(services) };
  const at = (port: number): Address => ({ host: inside.host, port });
  return {
    address: inside.port === undefined ? undefined : at(inside.port),
    further: Object.fromEntries(Object.entries(inside.ports).map(([name, port]) => [name, at(port)])),
    services: reachedFrom(image.runner, services),
  };
}

/** Where a program of this machine reaches the services. */
function reachedHere(services: readonly RunningService[]): Services {
  return Object.fromEntries(
    services.flatMap(({ name, daemon: { address, addresses } }) => {
      const host = (address ?? Object.values(addresses)[0])?.host;
      const ports = Object.fromEntries(Object.entries(addresses).map(([port, at]) => [port, at.port]));
      return host === undefined ? [] : [[name, { host, port: address?.port, ports }] as const];
    }),
  );
}

/** Where the load generator and the target reach the services. */
function addressesOf({ runner }: TrialRequest, services: readonly RunningService[]): ServiceAddresses {
  const inside = reachedFrom(runner, services);
  return Object.fromEntries(
    services.map(({ name, daemon }) => [
      name,
      { outside: daemon.address, inside: inside[name] ?? { host: '', port: undefined, ports: {} } },
    ]),
  );
}

async function becomeReady(
  { request, clock, output, signal }: TrialAccount,
  daemon: Daemon,
  guard: Guard,
): Promise<void> {
  clock.enter('ready');
  const { ready } = request.experiment.target;
  const { dataDirectory } = request;
  const unready = await guard.wait(becomesReady({ ready, daemon, dataDirectory, output: output.ready }, signal));
  if (unready === undefined) return;
  throw new Ended({ kind: 'timed-out', phase: 'ready', seconds: ready?.withinSeconds ?? 0, ...unready, log: [] });
}
