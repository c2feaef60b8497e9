import { resolve } from 'node:path';
import { EnvironmentError } from '../errors.ts';
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
import { runId } from '../results/layout.ts';
import { createRun, type RunWriter } from '../results/run-folder.ts';
import type { TrialBackend } from '../trial/trial-backend.ts';
import type { OnSweepEvent } from './event.ts';
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
}

/** What is at hand once everything has been made ready. */
interface Ready {
  readonly request: SweepRequest;
  readonly plan: Plan;
  readonly backend: TrialBackend;
  readonly run: RunWriter;
  readonly redact: Redact;
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
  const { experiment, onEvent } = request;
  const root = resolve(request.cwd, request.output);
  await using backend = await backendOf(request, disclosed);
  await assertWritable(root);

  const startedAt = new Date();
  const plan = makePlan(experiment, request.seed);
  const id = runId(experiment.name, startedAt, request.seed);
  const manifest: RunManifest = {
    formatVersion: FORMAT_VERSION,
    toolVersion: request.toolVersion,
    id,
    startedAt: startedAt.toISOString(),
    experiment,
    plan,
    ...(await backend.about(plan)),
  };
  request.admit?.(manifest);
  await backend.prepare(id);
  // The copy of the file holds whatever the file holds.
  const mode = (request.secrets?.literals.length ?? 0) > 0 ? 0o600 : 0o644;
  await using run = await createRun(root, manifest, request.experimentText, mode);
  onEvent({
    type: 'run-started',
    runId: id,
    folder: run.folder,
    runner: manifest.runner,
    why: backend.why,
    trials: plan.trials.length + plan.profiling.length,
    blocks: plan.blocks,
    estimatedSeconds: backend.forecastSeconds(plan),
  });
  await run.log({ at: now(), type: 'run-started', pid: process.pid });
  const blocks = new Sweep({ request, plan, backend, run, redact });
  return await blocks.run();
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
  /** Planned trials of which an attempt has ended; attempts are counted in #ended. */
  readonly #tried = new Set<string>();
  #ended = 0;
  /** Blocks that are to be run: those of the plan, until a run may end before it. */
  #blocksToRun: number;

  constructor(ready: Ready) {
    this.#ready = ready;
    this.#backendBegan = ready.backend.nowSeconds();
    this.#cells = new Map(ready.plan.cells.map((cell) => [cell.id, cell]));
    this.#order = [...ready.plan.trials, ...ready.plan.profiling];
    this.#blocksToRun = ready.plan.blocks;
  }

  async run(): Promise<SweepResult> {
    const { request } = this.#ready;
    let why: RunEnd = 'failed';
    try {
      why = (await this.#blocks()) ?? (request.signal.aborted ? 'interrupted' : 'plan-done');
    } catch (error) {
      // Nothing was measured: the message is all there is, and an empty run would only be in the way.
      if (this.#ended === 0) await this.#ready.run.discard();
      throw error;
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
    return { folder: this.#ready.run.folder, completed: this.#completed.size, planned: this.#planned, why };
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
    for (let block = 1; block <= plan.blocks && end === undefined; block++) {
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
    const { request, run, plan, backend } = this.#ready;
    const { adaptive } = request.experiment;
    if (adaptive === undefined) return undefined;
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
        if (record.outcome.kind === 'invalid' && record.outcome.apparatus) spoilt.push(trial);
      }
      due = spoilt;
    }
  }

  async #trial(
    planned: PlannedTrial,
    attempt: number,
    purpose: 'measure' | 'profile' = 'measure',
  ): Promise<TrialRecord> {
    const { request, run, backend, redact } = this.#ready;
    const cell = this.#cells.get(planned.cell);
    if (cell === undefined) throw new Error(`the plan has no cell ${planned.cell}`);
    const index = this.#order.indexOf(planned);
    request.onEvent({ type: 'trial-started', trial: planned, attempt, index });
    await this.#log({ at: now(), type: 'trial-started', trial: planned.id, attempt });
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
    const record = redactDeep(measured, redact);
    if (this.#ended === 0) this.#refuseDeadTarget(record);
    await writer.finish(record);
    await this.#log({ at: now(), type: 'trial-ended', trial: planned.id, attempt, outcome: record.outcome.kind });
    if (record.outcome.kind === 'completed' && purpose === 'measure') this.#completed.add(planned.id);
    this.#ended++;
    this.#tried.add(planned.id);
    const each = (performance.now() - this.#began) / 1000 / this.#ended;
    const secondsLeft = each * this.#ahead();
    request.onEvent({ type: 'trial-ended', record, quick: quick.figures(record), index, secondsLeft });
    return record;
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
        `the target was not ready within ${outcome.seconds} s in the first trial (${record.cell})`,
        {
          details: outcome.log.length > 0 ? outcome.log : ['(it printed nothing)'],
          hint: 'check target.port and target.ready, or allow more time with target.ready.within',
        },
      );
    }
  }

  async #log(event: JournalEvent): Promise<void> {
    try {
      await this.#ready.run.log(event);
    } catch (error) {
      // a full disk must not hide what ended the run; the event is only lost from the journal
      if (event.type !== 'run-ended') throw error;
    }
  }
}

function now(): string {
  return new Date().toISOString();
}
