import type { Experiment, ServiceSpec } from '../experiment/experiment.ts';
import type { RunManifest } from '../results/format.ts';
import { BYSTANDER_LIMITS } from '../runner/bystander-limits.ts';
import { RUNNERS } from '../runner/runners.ts';
import type { ObtainContext, Runner } from '../runner/runner.ts';
import type { Artifact } from '../target/artifact.ts';
import { aboutService, ServiceStack, type RunningService, type ServiceStart } from '../trial/services.ts';
import { type Prepared, prepareProgram, type PrepareRequest } from './prepare-program.ts';

/** A service with what is needed to start it. */
interface Obtained {
  readonly name: string;
  readonly spec: ServiceSpec;
  readonly runner: Runner;
  readonly artifact: Artifact;
  prepared?: Prepared;
}

/** What a preparation needs beside the program. */
type Surroundings = Omit<PrepareRequest, 'owner' | 'spec' | 'runner' | 'artifact' | 'env' | 'limits'>;

/** The services of one trial; disposing them removes their data. */
export interface TrialServices extends AsyncDisposable {
  readonly runningServices: readonly RunningService[];
  readonly services: readonly ServiceStart[];
}

/** The services that run for all trials. */
interface OfRun extends AsyncDisposable {
  readonly running: readonly RunningService[];
  /** Whether one of them has ended. */
  readonly over: () => boolean;
}

/** The services of a run: prepared once; those of the run start before its first trial, the others with each trial. */
export class RunServices implements AsyncDisposable {
  readonly #all: readonly Obtained[];
  readonly #cpuset: string | undefined;
  readonly #variables: Readonly<Record<string, string>>;
  /** What the run has made, in order. */
  readonly #made: AsyncDisposable[] = [];
  #runId = '';
  #ofRun: OfRun | undefined;

  private constructor(
    all: readonly Obtained[],
    cpuset: string | undefined,
    variables: Readonly<Record<string, string>>,
  ) {
    this.#all = all;
    this.#cpuset = cpuset;
    this.#variables = variables;
  }

  /** Builds, finds or pulls every service. Throws UserError or EnvironmentError. */
  static async obtain(
    { services }: Experiment,
    runner: Runner,
    cpuset: string | undefined,
    variables: Readonly<Record<string, string>>,
    context: ObtainContext,
  ): Promise<RunServices> {
    const engine = runner.name === 'docker' ? runner : RUNNERS.docker();
    const all: Obtained[] = [];
    for (const [name, spec] of Object.entries(services)) {
      const inContainer = spec.source.kind === 'image' || spec.source.kind === 'dockerfile';
      const own = inContainer ? engine : runner;
      const artifact = await own.obtain(spec.source, { ...context, anyProgram: true }).catch((error: unknown) => {
        throw aboutService(name, error);
      });
      all.push({ name, spec, runner: own, artifact });
    }
    return new RunServices(all, cpuset, variables);
  }

  /** The runners of services beside that of the target. */
  get runners(): readonly Runner[] {
    return [...new Set(this.#all.map(({ runner }) => runner))];
  }

  /** What each was made from, as the manifest has it. */
  get artifacts(): NonNullable<RunManifest['services']> {
    return Object.fromEntries(
      this.#all.map(({ name, artifact: { digest, description } }) => [name, { digest, description }]),
    );
  }

  /** Brings every service where it can be started, and prepares its data. */
  async prepare(surroundings: Surroundings): Promise<void> {
    const { runId, signal } = surroundings;
    this.#runId = runId;
    for (const service of this.#all) {
      const { name, spec, runner, artifact } = service;
      this.#made.push(await runner.prepare(artifact, runId, signal));
      const owner = { name, user: spec.user };
      service.prepared = await prepareProgram({
        ...surroundings,
        owner,
        spec,
        runner,
        artifact,
        env: spec.env,
        limits: BYSTANDER_LIMITS,
      });
      this.#made.push(service.prepared);
    }
  }

  /** After a fault of the machine: makes again what is gone. */
  async restore(runId: string, signal: AbortSignal): Promise<void> {
    for (const { runner, artifact } of this.#all) await runner.restore(artifact, runId, signal);
  }

  /** Those of a trial, with fresh data; those of the run are started where they do not run. */
  async forTrial(trialId: string, signal: AbortSignal): Promise<TrialServices> {
    if (this.#ofRun?.over() === true) {
      await this.#ofRun[Symbol.asyncDispose]();
      this.#ofRun = undefined;
    }
    const ofRun = this.#all.filter(({ spec }) => spec.start === 'run');
    if (ofRun.length > 0) this.#ofRun ??= await this.#startForRun(ofRun, signal);
    const stack = new AsyncDisposableStack();
    try {
      const services: ServiceStart[] = [];
      for (const service of this.#all.filter(({ spec }) => spec.start === 'trial'))
        services.push(await this.#startOf(service, trialId, stack));
      return {
        runningServices: this.#ofRun?.running ?? [],
        services,
        [Symbol.asyncDispose]: () => stack.disposeAsync(),
      };
    } catch (error) {
      await stack.disposeAsync();
      throw error;
    }
  }

  /** Stops those of the run, and removes all that was made. */
  async [Symbol.asyncDispose](): Promise<void> {
    await using stack = new AsyncDisposableStack();
    for (const made of this.#made) stack.use(made);
    if (this.#ofRun !== undefined) stack.use(this.#ofRun);
  }

  async #startForRun(services: readonly Obtained[], signal: AbortSignal): Promise<OfRun> {
    const stack = new AsyncDisposableStack();
    try {
      const data = stack.use(new AsyncDisposableStack());
      const running = stack.use(new ServiceStack());
      let over = false;
      for (const service of services) {
        await running.start(await this.#startOf(service, 'run', data), [], signal);
        void running.running.at(-1)?.ended.then(() => (over = true));
      }
      return {
        running: running.running,
        over: () => over,
        [Symbol.asyncDispose]: () => stack.disposeAsync(),
      };
    } catch (error) {
      await stack.disposeAsync();
      throw error;
    }
  }

  async #startOf(service: Obtained, of: string, made: AsyncDisposableStack): Promise<ServiceStart> {
    const { name, spec, runner, artifact, prepared } = service;
    const data = await prepared?.freshData();
    if (data !== undefined) made.use(data);
    return {
      name,
      spec,
      runner,
      artifact,
      runId: this.#runId,
      trialId: `${of}-${name}`,
      variables: this.#variables,
      cpuset: this.#cpuset,
      workDirectory: prepared?.workDirectory,
      dataDirectory: data?.directory,
    };
  }
}
