import { setTimeout as sleep } from 'node:timers/promises';
import { EnvironmentError } from '../errors.ts';
import type { Experiment, Sampling } from '../experiment/experiment.ts';
import type { Cell, PlannedTrial } from '../experiment/plan.ts';
import type { Warning } from '../experiment/warning.ts';
import {
  type Exit,
  FORMAT_VERSION,
  type Outcome,
  type Phase,
  type Preload,
  type Reading,
  type RunManifest,
  type TrialRecord,
  type WorkDone,
} from '../results/format.ts';
import type { TrialWriter } from '../results/trial-writer.ts';
import { fetchProfile } from '../probe/pprof-profile.ts';
import type { Address, Daemon, Runner } from '../runner/runner.ts';
import type { Artifact } from '../target/artifact.ts';
import { makeWorkload } from '../workload/make-workload.ts';
import type { CompanionAddress, RunningLoad } from '../workload/workload.ts';
import { becomesReady } from './become-ready.ts';
import { type RunningCompanion, startCompanion } from './companion.ts';
import { Ended, endedEarly } from './ended.ts';
import { Guard } from './guard.ts';
import { Instruments } from './instruments.ts';
import { type Evidence, judge } from './judge.ts';
import { OutputReader } from './output-reader.ts';
import { PhaseClock } from './phase-clock.ts';
import { targetEnvironment } from './target-environment.ts';
import { WindowWatch } from './window-watch.ts';

/** Everything one trial needs. */
export interface TrialRequest {
  readonly planned: PlannedTrial;
  readonly cell: Cell;
  readonly attempt: number;
  readonly runId: string;
  readonly experiment: Experiment;
  readonly runner: Runner;
  readonly artifact: Artifact;
  readonly placement: RunManifest['placement'];
  readonly gomaxprocs: number;
  readonly workDirectory: string | undefined;
  /** The target's own folder, and the companion's, where they have any; each was copied for this trial. */
  readonly dataDirectory: string | undefined;
  readonly companionDataDirectory: string | undefined;
  /** `profile`: an allocs profile is taken over the window. */
  readonly purpose: 'measure' | 'profile';
  readonly writer: TrialWriter;
  readonly onPhase: (phase: Phase['name']) => void;
  readonly onReading: (reading: Reading) => void;
}

/** How long the target is given to end by itself after SIGTERM. */
const graceSeconds = 2;

/**
 * Runs one trial: launch → ready → preload → warm-up → settle → measure → drain → stop. Whatever happens to the target is an
 * outcome in the record; only what is wrong with the machine throws (EnvironmentError). When it returns, nothing of
 * the target is left.
 */
export async function runTrial(request: TrialRequest, signal: AbortSignal): Promise<TrialRecord> {
  const clock = new PhaseClock(request.onPhase);
  const trial = new Trial(request, clock, signal);
  let outcome: Outcome;
  try {
    outcome = await trial.run();
  } catch (error) {
    if (error instanceof Ended) outcome = error.outcome;
    else if (signal.aborted) outcome = { kind: 'aborted', phase: clock.phase };
    else throw error;
  }
  return trial.record(outcome);
}

class Trial {
  readonly #request: TrialRequest;
  readonly #clock: PhaseClock;
  readonly #signal: AbortSignal;
  readonly #output: OutputReader;
  readonly #warnings: Warning[] = [];
  #probes: readonly string[] = [];
  #window: { startSeconds: number; endSeconds: number } | undefined;
  #watch: WindowWatch | undefined;
  #work: WorkDone | undefined;
  #preload: Preload | undefined;
  /** The last figures that were read of the target's memory. */
  #memory: Pick<Preload, 'heapAllocBytes' | 'rssBytes'> = {};
  #exit: Exit | undefined;
  #processStart: number | undefined;

  constructor(request: TrialRequest, clock: PhaseClock, signal: AbortSignal) {
    this.#request = request;
    this.#clock = clock;
    this.#signal = signal;
    this.#output = new OutputReader(
      request.experiment.target.ready,
      request.writer,
      () => clock.now(),
      (reading) => this.#take(reading),
    );
  }

  async run(): Promise<Outcome> {
    const { experiment, cell } = this.#request;
    const spec = experiment.workloads[cell.levels.workload];
    if (spec === undefined) throw new Error(`cell ${cell.id} names no workload of the experiment`);
    const address = Promise.withResolvers<Address | undefined>();
    const beside = Promise.withResolvers<CompanionAddress>();
    // A batch and an idle target are asked for nothing, and nobody waits for these.
    address.promise.catch(() => undefined);
    beside.promise.catch(() => undefined);
    // The generator's process starts while the target does; the load begins when the target is ready.
    const { planned, placement } = this.#request;
    const loading = makeWorkload(spec).start(
      {
        address: address.promise,
        seed: planned.seed,
        cpuset: placement.generator,
        ...(experiment.companion === undefined ? {} : { companion: beside.promise }),
      },
      this.#signal,
    );
    loading.catch(() => undefined);
    try {
      this.#clock.enter('launch');
      await using companion = await this.#companion();
      await using daemon = await this.#launch();
      const reading = this.#output.consume(daemon.output);
      try {
        if (spec.kind === 'batch') return await this.#batch(daemon, await loading, spec.withinSeconds);
        const guard = new Guard({
          daemon,
          companion: companion?.daemon,
          clock: this.#clock,
          limitBytes: experiment.limits.memoryBytes,
          signal: this.#signal,
          throwFailure: () => this.#request.writer.throwFailure(),
        });
        await this.#becomeReady(daemon, guard);
        address.resolve(daemon.address);
        if (companion !== undefined) beside.resolve(companion.address);
        return await this.#serve(daemon, guard, loading);
      } finally {
        this.#clock.enter('stop');
        this.#exit = await daemon.stop(graceSeconds);
        await reading;
        this.#clock.leave();
      }
    } finally {
      const never = new Error('the target did not become ready');
      address.reject(never);
      beside.reject(never);
      await (await loading.catch(() => undefined))?.[Symbol.asyncDispose]();
    }
  }

  record(outcome: Outcome): TrialRecord {
    const { planned, attempt } = this.#request;
    const gaps = this.#output.gctraceGaps;
    if (gaps > 0)
      this.#warnings.push({
        code: 'gctrace-gaps',
        message: `${gaps} gctrace lines were lost or mixed with other output`,
      });
    return {
      formatVersion: FORMAT_VERSION,
      id: planned.id,
      block: planned.block,
      position: planned.position,
      cell: planned.cell,
      attempt,
      ...(this.#request.purpose === 'profile' ? { purpose: 'profile' } : {}),
      // Only now has all of the output been read.
      outcome: 'log' in outcome ? { ...outcome, log: this.#output.tail } : outcome,
      startedAt: this.#clock.startedAt.toISOString(),
      startUnixSeconds: this.#clock.startUnixSeconds,
      ...(this.#processStart === undefined ? {} : { processStartUnixSeconds: this.#processStart }),
      phases: this.#clock.phases,
      ...(this.#window === undefined ? {} : { window: this.#window }),
      probes: this.#probes,
      effective: this.#watch?.effective() ?? {},
      ...(this.#preload === undefined ? {} : { preload: this.#preload }),
      ...(this.#work === undefined ? {} : { work: this.#work }),
      ...(this.#exit === undefined ? {} : { exit: this.#exit }),
      warnings: this.#warnings,
    };
  }

  #launch(): Promise<Daemon> {
    const { experiment, cell, planned, runId, runner, artifact, placement, gomaxprocs } = this.#request;
    const { workDirectory, dataDirectory } = this.#request;
    const spec = experiment.workloads[cell.levels.workload];
    return runner.launch(
      {
        runId,
        trialId: planned.id,
        artifact,
        args: [...experiment.target.args, ...(spec?.kind === 'batch' ? spec.args : [])],
        env: targetEnvironment(experiment, cell.levels, gomaxprocs),
        port: experiment.target.port,
        limits: experiment.limits,
        cpuset: placement.target,
        workDirectory,
        dataDirectory,
        together: experiment.companion !== undefined,
      },
      this.#signal,
    );
  }

  async #companion(): Promise<RunningCompanion | undefined> {
    const { experiment, planned, companionDataDirectory, ...rest } = this.#request;
    if (experiment.companion === undefined) return undefined;
    return startCompanion(
      { ...rest, experiment, trialId: planned.id, dataDirectory: companionDataDirectory },
      this.#signal,
    );
  }

  /** A daemon under load, or idle. */
  async #serve(daemon: Daemon, guard: Guard, loading: Promise<RunningLoad>): Promise<Outcome> {
    const { experiment, cell, purpose } = this.#request;
    const { phases, profiles } = experiment;
    const detecting = this.#instruments(daemon, experiment.sampling);
    await using instruments = await guard.wait(detecting).catch((error: unknown) => {
      // The target ended meanwhile: what is found all the same must not stay open.
      detecting.then((late) => late[Symbol.asyncDispose]()).catch(() => undefined);
      throw error;
    });
    await using load = await guard.wait(loading);
    guard.watch(load);
    if (load.preload !== undefined) {
      this.#clock.enter('preload');
      const done = await guard.wait(load.preload());
      await guard.wait(instruments.readEdge());
      this.#preload = { ...done, ...this.#memory };
    }

    this.#clock.enter('warm-up');
    await guard.wait(load.begin());
    instruments.start();
    await guard.pass(phases.warmupSeconds);
    if (phases.settleSeconds > 0) {
      this.#clock.enter('settle');
      await guard.pass(phases.settleSeconds);
    }

    this.#clock.enter('measure');
    await load.openWindow();
    const startSeconds = this.#clock.now();
    this.#watch = new WindowWatch(cell.levels, startSeconds, phases.measureSeconds);
    await guard.wait(instruments.readEdge());
    if (purpose === 'profile') await guard.wait(this.#allocsProfile(daemon, phases.measureSeconds));
    await guard.pass(phases.measureSeconds - (this.#clock.now() - startSeconds));
    await guard.wait(instruments.readEdge());
    this.#window = { startSeconds, endSeconds: this.#clock.now() };

    this.#clock.enter('drain');
    this.#work = await guard.wait(load.closeWindow(phases.drainSeconds));
    if (profiles.heap) await guard.wait(this.#profile(daemon, 'heap', '/heap?gc=1', 0));
    return this.#judged(instruments.failures);
  }

  /** What allocated in so many seconds, as the runtime tells it: whole seconds, at least one. */
  #allocsProfile(daemon: Daemon, seconds: number): Promise<void> {
    const whole = Math.max(1, Math.floor(seconds));
    return this.#profile(daemon, 'allocs', `/allocs?seconds=${whole}`, whole);
  }

  /** Keeps a profile; a target that serves none is a warning, for its figures are as good without. */
  async #profile(daemon: Daemon, kind: 'heap' | 'allocs', query: string, seconds: number): Promise<void> {
    const path = this.#request.experiment.sampling.paths.pprof + query;
    try {
      if (daemon.address === undefined) throw new Error('the target serves no port');
      await this.#request.writer.profile(kind, await fetchProfile(daemon.address, path, seconds, this.#signal));
    } catch (error) {
      if (error instanceof EnvironmentError) throw error;
      if (this.#signal.aborted) return;
      const message = `the ${kind} profile could not be had: ${error instanceof Error ? error.message : String(error)}`;
      this.#warnings.push({ code: 'profile-missing', message });
    }
  }

  /** A command that runs to its end: the window is its whole life. */
  async #batch(daemon: Daemon, load: RunningLoad, withinSeconds: number): Promise<Outcome> {
    const { experiment, cell } = this.#request;
    this.#clock.enter('measure');
    const launchedSeconds = this.#clock.now();
    this.#watch = new WindowWatch(cell.levels, 0, withinSeconds);
    await using instruments = await this.#instruments(daemon, { ...experiment.sampling, inside: 'none' });
    instruments.start();
    const timeout = new AbortController();
    const exit = await Promise.race([
      daemon.exited,
      sleep(withinSeconds * 1000, undefined, { signal: AbortSignal.any([timeout.signal, this.#signal]) }).catch(
        () => undefined,
      ),
    ]);
    timeout.abort();
    if (exit === undefined) {
      if (this.#signal.aborted) throw new Ended({ kind: 'aborted', phase: 'measure' });
      throw new Ended({ kind: 'timed-out', phase: 'measure', seconds: withinSeconds, log: [] });
    }
    const endSeconds = this.#clock.now();
    const startSeconds =
      this.#processStart === undefined
        ? launchedSeconds
        : Math.max(0, this.#processStart - this.#clock.startUnixSeconds);
    this.#window = { startSeconds, endSeconds };
    if (exit.oomKilled || exit.code !== 0) {
      throw new Ended(endedEarly(exit, 'measure', experiment.limits.memoryBytes));
    }
    this.#work = { ...(await load.closeWindow(0)), windowSeconds: endSeconds - startSeconds };
    return this.#judged(instruments.failures);
  }

  async #becomeReady(daemon: Daemon, guard: Guard): Promise<void> {
    this.#clock.enter('ready');
    const { ready } = this.#request.experiment.target;
    const signs = { ready, address: daemon.address, output: this.#output.ready };
    if (await guard.wait(becomesReady(signs, this.#signal))) return;
    throw new Ended({ kind: 'timed-out', phase: 'ready', seconds: ready?.withinSeconds ?? 0, log: [] });
  }

  async #instruments(daemon: Daemon, sampling: Sampling): Promise<Instruments> {
    const instruments = await Instruments.detect(daemon, sampling, {
      seed: this.#request.planned.seed,
      now: () => this.#clock.now(),
      onReading: (reading) => this.#take(reading),
      signal: this.#signal,
    });
    this.#probes = [...instruments.names, ...(sampling.gctrace ? ['gctrace'] : [])];
    this.#processStart = daemon.startUnixSeconds;
    return instruments;
  }

  #take(reading: Reading): void {
    this.#request.writer.reading(reading);
    this.#watch?.add(reading);
    const { heapAllocBytes = this.#memory.heapAllocBytes, rssBytes = this.#memory.rssBytes } = reading.v;
    this.#memory = {
      ...(heapAllocBytes === undefined ? {} : { heapAllocBytes }),
      ...(rssBytes === undefined ? {} : { rssBytes }),
    };
    this.#request.onReading(reading);
  }

  #judged(probeFailures: Evidence['probeFailures']): Outcome {
    const { experiment } = this.#request;
    const { outcome, warnings } = judge(
      {
        work: this.#work,
        drift:
          this.#work?.unit === 'run'
            ? { rss: undefined, live: undefined }
            : (this.#watch?.drift() ?? { rss: undefined, live: undefined }),
        gogc: this.#watch?.gogcVerdict(),
        probeFailures,
      },
      experiment.validity,
    );
    this.#warnings.push(...warnings);
    return outcome;
  }
}
