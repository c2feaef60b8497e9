import { dirname, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EnvironmentError, firstCause, machineCondition } from '../errors.ts';
import { makePlan } from '../experiment/plan/make-plan.ts';
import { disclose, type Disclosed } from '../experiment/secrets/redact-experiment.ts';
import { redactDeep, redactError, redactor, type Redact } from '../experiment/secrets/secrets.ts';
import { runsToItsEnd } from '../experiment/workloads/kinds.ts';
import type { Cell, Plan, PlannedTrial } from '../experiment/plan/plan.ts';
import { assertWritable } from '../results/disk.ts';
import {
  FORMAT_VERSION,
  type JournalEvent,
  type RunEnd,
  type RunManifest,
  type TrialRecord,
} from '../results/format.ts';
import { attemptName, runId } from '../results/layout.ts';
import { createRun, resumeRun, type RunWriter } from '../results/run-folder.ts';
import { ownerMark, ownerState } from '../runner/owner.ts';
import type { TrialBackend } from '../trial/trial-backend.ts';
import type { OnSweepEvent } from './event.ts';
import { NO_PAST, pastOf, type Past } from './past.ts';
import { runsTarget } from './prepare-step.ts';
import { blocksLeft, endAfter, widestOf } from './precision.ts';
import { QuickWatch } from './quick-figures.ts';
import { realBackend } from './real-backend.ts';
import { simulatedBackend } from '../simulation/simulated-backend.ts';
import type { SweepRequest } from './sweep-request.ts';

/** How a sweep ended. */
export interface SweepResult {
  readonly folder: string;
  /** Planned trials that have a completed attempt; `planned`: those of the blocks that were to be run in the end. */
  readonly completed: number;
  readonly planned: number;
  readonly why: RunEnd;
  /** Trials that were left out because of faults of the machine. */
  readonly skipped: number;
  /** Where `why` is `fault`: what the machine could not be had to do. */
  readonly fault?: EnvironmentError;
}

/** What is at hand once everything has been made ready. */
interface Ready {
  readonly request: SweepRequest;
  readonly plan: Plan;
  readonly backend: TrialBackend;
  readonly run: RunWriter;
  readonly redact: Redact;
  /** What earlier gctunes did in this run. */
  readonly past: Past;
}

/**
 * Runs every trial of an experiment's plan, block by block, and leaves a run folder. Everything that can be refused is
 * refused before the folder exists. Throws EnvironmentError where the machine or the target is not ready; what happens
 * to single trials is in their records.
 */
export async function runSweep(request: SweepRequest): Promise<SweepResult> {
  const disclosed = disclosedOf(request);
  const redact = redactor(disclosed.values);
  try {
    return await sweep({ ...request, onEvent: redacting(request.onEvent, redact) }, disclosed, redact);
  } catch (error) {
    throw disclosed.values.length === 0 ? error : redactError(error, redact);
  }
}

/** A model is told nothing, so it needs no secrets. */
function disclosedOf({ experiment, secrets, env }: SweepRequest): Disclosed {
  if (experiment.target.source.kind === 'simulated') return { experiment, variables: {}, values: [] };
  return disclose(experiment, secrets, env);
}

/** What the target prints may hold its secrets, and so may whatever quotes it; readings are numbers, and many. */
function redacting(onEvent: OnSweepEvent, redact: Redact): OnSweepEvent {
  return (event) => onEvent(event.type === 'reading' ? event : redactDeep(event, redact));
}

async function sweep(request: SweepRequest, disclosed: Disclosed, redact: Redact): Promise<SweepResult> {
  const root = resolve(request.cwd, request.output);
  const owner = { mark: await ownerMark(), state: ownerState };
  // Taken before anything is built, which may last minutes.
  await using resumed = request.resume && (await resumeRun(request.resume.folder, owner));
  const backend = await backendOf(request, disclosed);
  await using _ = { [Symbol.asyncDispose]: () => disposeOf(backend, request.onEvent) };
  if (resumed === undefined) await assertWritable(root);
  const now = await manifestNow(request, backend);
  request.admit?.(now);
  if (resumed !== undefined && request.resume !== undefined) {
    const drift = request.resume.drift(resumed.manifest, now);
    return await runBlocks(request, backend, resumed, await pastOf(resumed, drift), redact);
  }
  // The copy of the file holds whatever the file holds.
  const mode = (request.secrets?.literals.length ?? 0) > 0 ? 0o600 : 0o644;
  await using run = await createRun(root, now, request.experimentText, { mode, owner });
  return await runBlocks(request, backend, run, NO_PAST, redact);
}

/** What cannot be removed is said; it must not cost the run, which is measured by then. */
async function disposeOf(backend: TrialBackend, onEvent: OnSweepEvent): Promise<void> {
  try {
    await backend[Symbol.asyncDispose]();
  } catch (error) {
    const fault = machineCondition(error);
    if (fault === undefined) throw error;
    onEvent({ type: 'note', message: `warning: not everything could be removed: ${fault.message}; run gctune clean` });
  }
}

/** What the manifest of a run that begins here and now would say. */
async function manifestNow(request: SweepRequest, backend: TrialBackend): Promise<RunManifest> {
  const { experiment, seed, pilotOf, confirms } = request;
  const startedAt = new Date();
  const plan = makePlan(experiment, seed);
  return {
    formatVersion: FORMAT_VERSION,
    toolVersion: request.toolVersion,
    id: runId(experiment.name, startedAt, seed),
    startedAt: startedAt.toISOString(),
    experiment,
    plan,
    ...(pilotOf === undefined ? {} : { pilotOf }),
    ...(confirms === undefined ? {} : { confirms }),
    ...(await backend.about(plan)),
  };
}

/** Prepares the target, and runs what is missing of a run that is locked. */
async function runBlocks(
  request: SweepRequest,
  backend: TrialBackend,
  run: RunWriter,
  past: Past,
  redact: Redact,
): Promise<SweepResult> {
  const { experiment, onEvent } = request;
  const { plan, id, runner } = run.manifest;
  const sweep = new Sweep({ request, plan, backend, run, redact, past });
  onEvent({
    type: 'run-started',
    runId: id,
    folder: run.folder,
    runner,
    why: backend.why,
    trials: plan.trials.length + plan.profiling.length,
    blocks: plan.blocks,
    estimatedSeconds: backend.forecastSeconds(plan),
    ...(past.resumed === undefined ? {} : { kept: past.attempts.size }),
  });
  const directory = dirname(resolve(request.cwd, request.experimentFile));
  await run.log(
    past.resumed === undefined
      ? {
          at: now(),
          type: 'run-started',
          pid: process.pid,
          ...(experiment.target.prepare.every(runsTarget) ? {} : { directory }),
        }
      : { at: now(), type: 'run-resumed', pid: process.pid, ...past.resumed },
  );
  // That it cannot be noted either, on the same full disk, ends nothing.
  const note = request.onLost?.((lost) => void run.log({ at: now(), type: 'output-lost', ...lost }).catch(() => {}));
  try {
    return await sweep.run();
  } finally {
    note?.();
  }
}

/** A model needs no machine; everything else is a real target. */
async function backendOf(request: SweepRequest, disclosed: Disclosed): Promise<TrialBackend> {
  const { source } = request.experiment.target;
  if (source.kind === 'simulated') return simulatedBackend(request.experiment, request.seed, source.model);
  if (request.runner === 'simulated') throw new Error('the simulated runner knows only simulated targets');
  return realBackend(request, disclosed, source, request.runner);
}

class Sweep {
  readonly #ready: Ready;
  readonly #cells: ReadonlyMap<string, Cell>;
  /** Everything that is run: the blocks, then the profiling. */
  readonly #order: readonly PlannedTrial[];
  readonly #began = performance.now();
  /** By the clock of the backend, which may be virtual. */
  readonly #backendBegan: number;
  readonly #completed = new Set<string>();
  /** Planned trials of which an attempt has ended; attempts are counted in #ended and #ran. */
  readonly #tried = new Set<string>();
  #skipped = 0;
  /** Those of #skipped since the last trial that ended. */
  #skippedInRow = 0;
  #ended = 0;
  /** Those of #ended that this gctune ran. */
  #ran = 0;
  /** Blocks that are to be run: those of the plan, until a run may end before it. */
  #blocksToRun: number;

  constructor(ready: Ready) {
    this.#ready = ready;
    this.#backendBegan = ready.backend.nowSeconds();
    this.#cells = new Map(ready.plan.cells.map((cell) => [cell.id, cell]));
    this.#order = [...ready.plan.trials, ...ready.plan.profiling];
    this.#blocksToRun = ready.past.ended?.blocks ?? ready.plan.blocks;
  }

  async run(): Promise<SweepResult> {
    const { request, past, backend, run } = this.#ready;
    let why: RunEnd = 'failed';
    let fault: EnvironmentError | undefined;
    try {
      if (past.resumed !== undefined) await backend.reap(run.manifest.id);
      await backend.prepare(run.manifest.id);
      why = (await this.#blocks()) ?? (request.signal.aborted ? 'interrupted' : (past.ended?.why ?? 'plan-done'));
    } catch (error) {
      if (error instanceof PolicySpent) {
        ({ fault } = error);
        why = 'fault';
      } else {
        // Nothing was measured: the message is all there is, and an empty run would only be in the way.
        if (this.#ended === 0 && past.resumed === undefined) await run.discard();
        if (request.signal.aborted) why = 'interrupted';
        throw error;
      }
    } finally {
      const early = this.#blocksToRun < this.#ready.plan.blocks;
      await this.#log({ at: now(), type: 'run-ended', why, ...(early ? { blocks: this.#blocksToRun } : {}) });
      request.onEvent({
        type: 'run-ended',
        completed: this.#completed.size,
        planned: this.#planned,
        seconds: (performance.now() - this.#began) / 1000,
        why,
      });
    }
    const counts = { completed: this.#completed.size, planned: this.#planned, skipped: this.#skipped };
    return { folder: run.folder, ...counts, why, ...(fault === undefined ? {} : { fault }) };
  }

  /** Trials that have not been tried yet: of the blocks that are to be run, and those that profile. */
  #ahead(): number {
    const { plan } = this.#ready;
    const blocks = plan.trials.filter(({ block }) => block <= this.#blocksToRun);
    return [...blocks, ...plan.profiling].filter(({ id }) => !this.#tried.has(id)).length;
  }

  /** Trials of the blocks that are to be run. */
  get #planned(): number {
    return this.#ready.plan.trials.filter(({ block }) => block <= this.#blocksToRun).length;
  }

  /**
   * Every block in turn, and what ended them where that was not the plan; `failed` if a whole block gave nothing, since
   * the next would not either.
   */
  async #blocks(): Promise<RunEnd | undefined> {
    const { plan, request } = this.#ready;
    let end: RunEnd | undefined;
    for (let block = 1; block <= this.#blocksToRun && end === undefined; block++) {
      await this.#block(plan.trials.filter((trial) => trial.block === block));
      if (request.signal.aborted) return undefined;
      if (this.#completed.size === 0) return 'failed';
      if (block < plan.blocks) end = await this.#endAfter(block);
    }
    for (const trial of plan.profiling) {
      if (request.signal.aborted) return undefined;
      await this.#trial(trial, 1, 'profile');
    }
    return end;
  }

  /** Asks the rule of an adaptive run; between blocks nothing is measured that this could disturb. */
  async #endAfter(block: number): Promise<RunEnd | undefined> {
    const { request, run, plan, backend, past } = this.#ready;
    const { adaptive } = request.experiment;
    // Of a block that another one came after, the answer is known.
    if (adaptive === undefined || block < past.lastBlock || past.ended !== undefined) return undefined;
    const widths = await request.measureWidths(run.folder);
    const left = blocksLeft(adaptive, block, plan.blocks, widths);
    request.onEvent({
      type: 'precision',
      block,
      asked: adaptive.precision,
      widest: widestOf(widths),
      blocksLeft: left,
    });
    const elapsedSeconds = backend.nowSeconds() - this.#backendBegan;
    const end = endAfter(adaptive, { block, elapsedSeconds, blockSeconds: elapsedSeconds / block, widths });
    if (end !== undefined) this.#blocksToRun = block;
    return end;
  }

  /** One block; trials that the apparatus spoilt are repeated at its end. */
  async #block(trials: readonly PlannedTrial[]): Promise<void> {
    const { request } = this.#ready;
    let due: readonly PlannedTrial[] = trials;
    for (let attempt = 1; attempt <= 1 + request.experiment.validity.retries && due.length > 0; attempt++) {
      const spoilt: PlannedTrial[] = [];
      for (const trial of due) {
        if (request.signal.aborted) return;
        const record = await this.#trial(trial, attempt);
        if (record?.outcome.kind === 'invalid' && record.outcome.apparatus) spoilt.push(trial);
      }
      due = spoilt;
    }
  }

  /**
   * One attempt at a trial, or what an earlier gctune made of it. It is repeated while faults of the machine end it and the
   * policy allows; undefined where it is left out. Throws PolicySpent.
   */
  async #trial(
    planned: PlannedTrial,
    attempt: number,
    purpose: 'measure' | 'profile' = 'measure',
  ): Promise<TrialRecord | undefined> {
    const { request, run, backend, past } = this.#ready;
    const earlier = past.attempts.get(attemptName(planned.id, attempt));
    if (earlier !== undefined) {
      backend.replay(earlier);
      this.#count(earlier, purpose);
      return earlier;
    }
    const { retries, waitSeconds, onFailure } = request.experiment.policy;
    for (let faults = 0; ; faults++) {
      try {
        if (faults > 0) await backend.recover(run.manifest.id, request.signal);
        return await this.#attempt(planned, attempt, purpose);
      } catch (error) {
        // Where it is told to end while it makes ready to repeat, that is no failure.
        if (faults > 0 && request.signal.aborted && firstCause(error) === request.signal.reason) return undefined;
        const fault = machineCondition(error);
        // What keeps the first trial from its end is told at once.
        if (fault === undefined || this.#ended === 0 || request.signal.aborted) throw firstCause(error);
        const { code, message } = fault;
        // Where a whole block's worth of trials in a row was left out, the next would be too.
        const hopeless = this.#skippedInRow + 1 >= this.#cells.size;
        const next = faults < retries ? 'retry' : hopeless ? 'stop' : onFailure;
        await this.#log({ at: now(), type: 'trial-fault', trial: planned.id, attempt, code, message, next });
        request.onEvent({ type: 'trial-fault', trial: planned, code, message, next, waitSeconds });
        if (next === 'stop') throw new PolicySpent(fault);
        if (next === 'skip') {
          this.#skipped++;
          this.#skippedInRow++;
          return undefined;
        }
        await sleep(waitSeconds * 1000, undefined, { signal: request.signal }).catch(() => undefined);
        if (request.signal.aborted) return undefined;
      }
    }
  }

  async #attempt(planned: PlannedTrial, attempt: number, purpose: 'measure' | 'profile'): Promise<TrialRecord> {
    const { request, run, backend, redact, past } = this.#ready;
    const cell = this.#cells.get(planned.cell);
    if (cell === undefined) throw new Error(`the plan has no cell ${planned.cell}`);
    const index = this.#order.indexOf(planned);
    request.onEvent({ type: 'trial-started', trial: planned, attempt, index });
    await run.log({ at: now(), type: 'trial-started', trial: planned.id, attempt });
    await using writer = await run.beginTrial(planned.id, attempt);
    const quick = new QuickWatch(planned.cell);
    const measured = await backend.runTrial(
      {
        planned,
        cell,
        attempt,
        runId: run.manifest.id,
        purpose,
        writer,
        onPhase: (phase) => {
          quick.phase(phase);
          request.onEvent({ type: 'phase', trial: planned.id, phase });
        },
        onReading: (reading) => {
          quick.reading(reading);
          request.onEvent({ type: 'reading', trial: planned.id, reading });
        },
      },
      request.signal,
    );
    const part = past.resumed?.part ?? 1;
    const record = redactDeep(part === 1 ? measured : { ...measured, part }, redact);
    if (this.#ended === 0) this.#refuseDeadTarget(record);
    await writer.finish(record);
    // From here on the trial is safe; that the journal cannot be written is a fault of the next one.
    await this.#log({ at: now(), type: 'trial-ended', trial: planned.id, attempt, outcome: record.outcome.kind });
    await request.reduce(run, planned.id, attempt);
    this.#count(record, purpose);
    this.#skippedInRow = 0;
    this.#ran++;
    const each = (performance.now() - this.#began) / 1000 / this.#ran;
    const secondsLeft = each * this.#ahead();
    request.onEvent({ type: 'trial-ended', record, quick: quick.figures(record), index, secondsLeft });
    return record;
  }

  #count(record: TrialRecord, purpose: 'measure' | 'profile'): void {
    if (record.outcome.kind === 'completed' && purpose === 'measure') this.#completed.add(record.id);
    this.#ended++;
    this.#tried.add(record.id);
  }

  /** A target that does not even start in the very first trial is no experiment: nothing is kept, and its own words are shown. */
  #refuseDeadTarget(record: TrialRecord): void {
    const { outcome } = record;
    const batch = runsToItsEnd(
      this.#ready.request.experiment.workloads[this.#cells.get(record.cell)?.levels.workload ?? ''],
    );
    if (outcome.kind === 'failed' && (batch || ['launch', 'ready', 'preload'].includes(outcome.phase))) {
      throw new EnvironmentError(
        'target-exited',
        `${outcome.cause} in the ${outcome.phase} phase of the first trial (${record.cell})`,
        {
          details: outcome.log.length > 0 ? outcome.log : ['(it printed nothing)'],
          hint: 'the lines above are the end of its output; check target.args, target.env and the workload',
        },
      );
    }
    if (outcome.kind === 'timed-out' && outcome.phase === 'ready') {
      throw new EnvironmentError(
        'target-not-ready',
        `the target was not ready within ${outcome.seconds} s in the first trial (${record.cell}): ${outcome.said ?? 'nothing is known'}`,
        {
          details: outcome.log.length > 0 ? outcome.log : ['(it printed nothing)'],
          hint: 'check target.port and target.ready, or allow more time with target.ready.within',
        },
      );
    }
  }

  /** Writes to the journal where that is not what matters: a disk that is full must not hide what happened. */
  async #log(event: JournalEvent): Promise<void> {
    try {
      await this.#ready.run.log(event);
    } catch (error) {
      if (machineCondition(error) === undefined) throw error;
    }
  }
}

/** A fault of the machine outlasted what the experiment's policy allows. */
class PolicySpent extends Error {
  readonly fault: EnvironmentError;
  constructor(fault: EnvironmentError) {
    super(fault.message, { cause: fault });
    this.fault = fault;
  }
}

function now(): string {
  return new Date().toISOString();
}
