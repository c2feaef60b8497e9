import { EnvironmentError, UserError } from '../errors.ts';
import type { ServiceSpec } from '../experiment/experiment.ts';
import type { Exit } from '../results/format.ts';
import { BYSTANDER_LIMITS } from '../runner/bystander-limits.ts';
import { followOutput } from '../runner/follow-output.ts';
import type { Daemon, Reached, Runner, Services } from '../runner/runner.ts';
import type { Artifact } from '../target/artifact.ts';
import { becomesReady } from './become-ready.ts';
import { howItEnded } from './ended.ts';
import { templates } from './templates.ts';

/** A service that is to be started. */
export interface ServiceStart {
  readonly name: string;
  readonly spec: ServiceSpec;
  readonly runner: Runner;
  readonly artifact: Artifact;
  readonly runId: string;
  readonly trialId: string;
  /** What `${NAME}` in its environment stands for. */
  readonly variables: Readonly<Record<string, string>>;
  readonly cpuset: string | undefined;
  readonly workDirectory: string | undefined;
  readonly dataDirectory: string | undefined;
}

/** A service that is ready. Disposing it stops it and removes everything of it. */
export interface RunningService extends AsyncDisposable {
  readonly name: string;
  readonly runner: Runner;
  readonly daemon: Daemon;
  /** Resolves, when it has ended, with what to say of that. */
  readonly ended: Promise<string>;
}

/** How long it is given to end by itself. */
const graceSeconds = 2;

/** Starts a service beside those that run, and waits until it is ready. Throws EnvironmentError `service-not-ready` with the end of its output. */
export async function startService(
  start: ServiceStart,
  beside: readonly RunningService[],
  signal: AbortSignal,
): Promise<RunningService> {
  const { name, spec, runner, artifact, runId, trialId, variables, cpuset, workDirectory, dataDirectory } = start;
  const launching = runner.launch(
    {
      runId,
      trialId,
      artifact,
      args: spec.args,
      env: spec.env,
      variables,
      port: spec.port,
      ports: spec.ports,
      limits: BYSTANDER_LIMITS,
      cpuset,
      workDirectory,
      dataDirectory,
      together: true,
      service: { name, user: spec.user },
      services: reachedFrom(runner, beside),
      beforeStart: templates(spec.files, dataDirectory),
    },
    signal,
  );
  const daemon = await launching.catch((error: unknown) => {
    throw aboutService(name, error);
  });
  const { ready } = spec;
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
  const lastLine = (): string => output.tail.findLast((line) => line.trim() !== '') ?? 'nothing';
  const unready = await Promise.race([
    becomesReady({ ready, daemon, dataDirectory, output: said.promise }, signal),
    daemon.exited.then((exit) => ({ said: `it ended ${howItEnded(exit)}` })),
  ]);
  if (unready !== undefined) {
    await stop();
    signal.throwIfAborted();
    const within = ready === undefined ? '' : ` (it has ${ready.withinSeconds} s)`;
    throw new EnvironmentError(
      'service-not-ready',
      `the service ${name} did not become ready${within}: ${unready.said}`,
      {
        details: output.tail.length > 0 ? output.tail : ['(it printed nothing)'],
        hint: `the lines above are the end of its output; check services.${name}: args, env, ready and user`,
      },
    );
  }
  const ended = daemon.exited.then(async (exit: Exit) => {
    await output.ended;
    return `the service ${name} ended ${howItEnded(exit)}; the last that it printed: ${lastLine()}`;
  });
  return { name, runner, daemon, ended, [Symbol.asyncDispose]: stop };
}

/** What went wrong with a service as the runner says it of a target, said of the service. */
export function aboutService(name: string, error: unknown): unknown {
  const renamed = (text: string): string => text.replaceAll('target.', `services.${name}.`);
  if (error instanceof EnvironmentError) {
    const { code, message, hint, details, exitCode } = error;
    const more = { details, exitCode, cause: error, ...(hint === undefined ? {} : { hint: renamed(hint) }) };
    return new EnvironmentError(code, `the service ${name}: ${message}`, more);
  }
  if (!(error instanceof UserError)) return error;
  const said = error.diagnostics.map(({ message, hint, ...rest }) => ({
    ...rest,
    message: `the service ${name}: ${message}`,
    ...(hint === undefined ? {} : { hint: renamed(hint) }),
  }));
  return new UserError(said, error.exitCode);
}

/** Where a program that a runner starts reaches the services. */
export function reachedFrom(runner: Runner, services: readonly RunningService[]): Services {
  return Object.fromEntries(services.map((service) => [service.name, reached(runner, service)]));
}

/** Two that the same runner started see each other as it says; else at the address that this machine sees. */
function reached(from: Runner, { runner, daemon }: RunningService): Reached {
  if (from.name === runner.name && daemon.inside !== undefined) return daemon.inside;
  const { address, addresses } = daemon;
  const host = address?.host ?? Object.values(addresses)[0]?.host ?? '127.0.0.1';
  const ports = Object.fromEntries(Object.entries(addresses).map(([name, { port }]) => [name, port]));
  return { host, port: address?.port, ports };
}

/** Services that are started in order and stopped in the opposite one, however many of them came up. */
export class ServiceStack implements AsyncDisposable {
  readonly #running: RunningService[] = [];

  /** Those that run, in the order of their start. */
  get running(): readonly RunningService[] {
    return this.#running;
  }

  /** Starts one, beside those that run already and others. */
  async start(service: ServiceStart, others: readonly RunningService[], signal: AbortSignal): Promise<void> {
    this.#running.push(await startService(service, [...others, ...this.#running], signal));
  }

  /** Stops all; one that cannot be stopped does not keep the others. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.#running.pop()?.[Symbol.asyncDispose]();
    } finally {
      if (this.#running.length > 0) await this[Symbol.asyncDispose]();
    }
  }
}
