import { setTimeout as sleep } from 'node:timers/promises';
import type { Experiment, Sampling } from '../experiment/experiment.ts';
import type { Cell, PlannedTrial } from '../experiment/plan.ts';
import type { Warning } from '../experiment/warning.ts';
import {
  type Exit,
  FORMAT_VERSION,
  type Outcome,
  type Phase,
  type Reading,
  type RunManifest,
  type TrialRecord,
  type WorkDone,
} from '../results/format.ts';
import type { TrialWriter } from '../results/trial-writer.ts';
import type { Address, Daemon, Runner } from '../runner/runner.ts';
import type { Artifact } from '../target/artifact.ts';
import { makeWorkload } from '../workload/make-workload.ts';
import type { RunningLoad } from '../workload/workload.ts';
import { Instruments } from './instruments.ts';
import { type Evidence, judge } from './judge.ts';
import { OutputReader } from './output-reader.ts';
import { PhaseClock } from './phase-clock.ts';
import { answersHttp } from './readiness.ts';
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
  readonly writer: TrialWriter;
  readonly onPhase: (phase: Phase['name']) => void;
  readonly onReading: (reading: Reading) => void;
}

/** How long the target is given to end by itself after SIGTERM. */
const graceSeconds = 2;

/** Ends a trial early: carries the outcome that the trial then has. */
class Ended extends Error {
  readonly outcome: Outcome;
  constructor(outcome: Outcome) {
    super(outcome.kind);
    this.outcome = outcome;
  }
}

/**
 * Runs one trial: launch → ready → warm-up → settle → measure → drain → stop. Whatever happens to the target is an
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
    // A batch and an idle target are asked for nothing, and nobody waits for this.
    address.promise.catch(() => undefined);
    // The generator's process starts while the target does; the load begins when the target is ready.
    const { seed } = this.#request.planned;
    const cpuset = this.#request.placement.generator;
    const loading = makeWorkload(spec).start({ address: address.promise, seed, cpuset }, this.#signal);
    loading.catch(() => undefined);
    try {
      this.#clock.enter('launch');
      await using daemon = await this.#launch();
      const reading = this.#output.consume(daemon.output);
      try {
        if (spec.kind === 'batch') return await this.#batch(daemon, await loading, spec.withinSeconds);
        await this.#becomeReady(daemon);
        address.resolve(daemon.address);
        return await this.#serve(daemon, loading);
      } finally {
        this.#clock.enter('stop');
        this.#exit = await daemon.stop(graceSeconds);
        await reading;
        this.#clock.leave();
      }
    } finally {
      address.reject(new Error('the target did not become ready'));
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
      // Only now has all of the output been read.
      outcome: 'log' in outcome ? { ...outcome, log: this.#output.tail } : outcome,
      startedAt: this.#clock.startedAt.toISOString(),
      startUnixSeconds: this.#clock.startUnixSeconds,
      ...(this.#processStart === undefined ? {} : { processStartUnixSeconds: this.#processStart }),
      phases: this.#clock.phases,
      ...(this.#window === undefined ? {} : { window: this.#window }),
      probes: this.#probes,
      effective: this.#watch?.effective() ?? {},
      ...(this.#work === undefined ? {} : { work: this.#work }),
      ...(this.#exit === undefined ? {} : { exit: this.#exit }),
      warnings: this.#warnings,
    };
  }

  #launch(): Promise<Daemon> {
    const { experiment, cell, planned, runId, runner, artifact, placement, gomaxprocs, workDirectory } = this.#request;
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
      },
      this.#signal,
    );
  }

  /** A daemon under load, or idle. */
  async #serve(daemon: Daemon, loading: Promise<RunningLoad>): Promise<Outcome> {
    const { experiment, cell } = this.#request;
    const { phases } = experiment;
    const detecting = this.#instruments(daemon, experiment.sampling);
    await using instruments = await this.#while(daemon, detecting).catch((error: unknown) => {
      // The target ended meanwhile: what is found all the same must not stay open.
      detecting.then((late) => late[Symbol.asyncDispose]()).catch(() => undefined);
      throw error;
    });

    this.#clock.enter('warm-up');
    await using load = await this.#while(daemon, loading);
    instruments.start();
    await this.#pass(daemon, load, phases.warmupSeconds);
    if (phases.settleSeconds > 0) {
      this.#clock.enter('settle');
      await this.#pass(daemon, load, phases.settleSeconds);
    }

    this.#clock.enter('measure');
    await load.openWindow();
    const startSeconds = this.#clock.now();
    this.#watch = new WindowWatch(cell.levels, startSeconds, phases.measureSeconds);
    await this.#while(daemon, instruments.readEdge());
    await this.#pass(daemon, load, phases.measureSeconds - (this.#clock.now() - startSeconds));
    await this.#while(daemon, instruments.readEdge());
    this.#window = { startSeconds, endSeconds: this.#clock.now() };

    this.#clock.enter('drain');
    this.#work = await this.#while(daemon, load.closeWindow(phases.drainSeconds), load);
    return this.#judged(instruments.failures);
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
    if (exit.oomKilled || exit.code !== 0) throw new Ended(this.#endedEarly(exit));
    this.#work = { ...(await load.closeWindow(0)), windowSeconds: endSeconds - startSeconds };
    return this.#judged(instruments.failures);
  }

  async #becomeReady(daemon: Daemon): Promise<void> {
    this.#clock.enter('ready');
    const { ready } = this.#request.experiment.target;
    if (ready === undefined) return;
    const enough = new AbortController();
    const signal = AbortSignal.any([enough.signal, this.#signal]);
    const waiting =
      ready.kind === 'output' || daemon.address === undefined
        ? this.#output.ready
        : answersHttp(ready, daemon.address, signal);
    const late = sleep(ready.withinSeconds * 1000, 'late' as const, { signal }).catch(() => 'stopped' as const);
    try {
      const first = await this.#while(daemon, Promise.race([waiting, late]));
      if (first === 'late') {
        throw new Ended({ kind: 'timed-out', phase: 'ready', seconds: ready.withinSeconds, log: [] });
      }
    } finally {
      enough.abort();
    }
  }

  /** Lets time pass while the target and the generator live. */
  async #pass(daemon: Daemon, load: RunningLoad, seconds: number): Promise<void> {
    const over = new AbortController();
    const nap = sleep(Math.max(0, seconds) * 1000, undefined, {
      signal: AbortSignal.any([over.signal, this.#signal]),
    }).catch(() => undefined);
    try {
      await this.#while(daemon, nap, load);
    } finally {
      over.abort();
    }
  }

  /** Waits for something, unless the target ends, the generator breaks, the disk fails or the run is aborted first. */
  async #while<T>(daemon: Daemon, promise: Promise<T>, load?: RunningLoad): Promise<T> {
    const guards: Promise<never>[] = [daemon.exited.then((exit) => Promise.reject(new Ended(this.#endedEarly(exit))))];
    if (load !== undefined) {
      guards.push(
        load.broken.then((error) =>
          Promise.reject(
            new Ended({
              kind: 'invalid',
              reason: 'generator-broken',
              message: `the load generator died: ${error.message}`,
              apparatus: true,
            }),
          ),
        ),
      );
    }
    const result = await Promise.race([promise, ...guards]);
    if (this.#signal.aborted) throw new Ended({ kind: 'aborted', phase: this.#clock.phase });
    this.#request.writer.throwFailure();
    return result;
  }

  #endedEarly(exit: Exit): Outcome {
    const phase = this.#clock.phase;
    if (this.#signal.aborted) return { kind: 'aborted', phase };
    if (exit.oomKilled) return { kind: 'oom-killed', phase, limitBytes: this.#request.experiment.limits.memoryBytes };
    const how = exit.signal === null ? `with code ${exit.code ?? 'unknown'}` : `by ${exit.signal}`;
    return { kind: 'failed', phase, cause: `the target ended ${how}`, log: [] };
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
