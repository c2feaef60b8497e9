import type { EnvironmentError } from '../errors.ts';
import type { PlannedTrial } from '../experiment/plan/plan.ts';
import { isBlockOf } from '../experiment/plan/shard.ts';
import type { RunEnd, RunShard } from '../results/format.ts';
import { blocksLeft, endAfter, widestOf } from './precision.ts';
import { now, PolicySpent, Trials, type Ready } from './trials.ts';

/** How a sweep ended. */
export interface SweepResult {
  readonly folder: string;
  /** Planned trials that have a completed attempt; `planned`: those of the blocks that were to be run in the end. */
  readonly completed: number;
  readonly planned: number;
  readonly why: RunEnd;
  /** Trials that were left out because of faults of the machine. */
  readonly skipped: number;
  /** Of a run that is a part of a plan: which. */
  readonly shard?: RunShard;
  /** Where `why` is `fault`: what the machine could not be had to do. */
  readonly fault?: EnvironmentError;
}

/** The trials of a plan in their order, block by block, until the plan or its rule ends them. */
export class Blocks {
  readonly #ready: Ready;
  readonly #trials: Trials;
  readonly #began = performance.now();
  /** By the clock of the backend, which may be virtual. */
  readonly #backendBegan: number;
  /** Blocks that are to be run: those of the plan, until a run may end before it. */
  #blocksToRun: number;

  constructor(ready: Ready) {
    this.#ready = ready;
    this.#trials = new Trials(ready);
    this.#backendBegan = ready.backend.nowSeconds();
    this.#blocksToRun = ready.past.ended?.blocks ?? ready.plan.blocks;
  }

  async run(): Promise<SweepResult> {
    const { request, past, backend, run } = this.#ready;
    let why: RunEnd = 'failed';
    let fault: EnvironmentError | undefined;
    try {
      if (past.resumed !== undefined) await backend.reap(run.manifest.id);
      if (!past.complete) await backend.prepare(run.manifest.id);
      why = (await this.#blocks()) ?? (request.signal.aborted ? 'interrupted' : (past.ended?.why ?? 'plan-done'));
    } catch (error) {
      if (error instanceof PolicySpent) {
        ({ fault } = error);
        why = 'fault';
      } else {
        // Nothing was measured: the message is all there is, and an empty run would only be in the way.
        if (this.#trials.ended === 0 && past.resumed === undefined) await run.discard();
        if (request.signal.aborted) why = 'interrupted';
        throw error;
      }
    } finally {
      const early = this.#blocksToRun < this.#ready.plan.blocks;
      const blocks = early ? { blocks: this.#blocksToRun } : {};
      if (!past.complete) await this.#trials.log({ at: now(), type: 'run-ended', why, ...blocks });
      request.onEvent({
        type: 'run-ended',
        completed: this.#trials.completed,
        planned: this.#planned,
        seconds: (performance.now() - this.#began) / 1000,
        why,
      });
    }
    const counts = { completed: this.#trials.completed, planned: this.#planned, skipped: this.#trials.skipped };
    const { shard } = run.manifest;
    return {
      folder: run.folder,
      ...counts,
      why,
      ...(shard === undefined ? {} : { shard }),
      ...(fault === undefined ? {} : { fault }),
    };
  }

  /** Trials of the blocks that are to be run. */
  get #planned(): number {
    return this.#trials.planned(this.#blocksToRun).length;
  }

  /**
   * Every block in turn, and what ended them where that was not the plan; `failed` if a whole block gave nothing, since
   * the next would not either.
   */
  async #blocks(): Promise<RunEnd | undefined> {
    const { plan, request, run } = this.#ready;
    let end: RunEnd | undefined;
    for (let block = 1; block <= this.#blocksToRun && end === undefined; block++) {
      const own = isBlockOf(run.manifest.shard, block);
      await this.#block(
        plan.trials.filter((trial) => trial.block === block),
        own,
      );
      if (request.signal.aborted) return undefined;
      if (!own) continue;
      if (this.#trials.completed === 0) return 'failed';
      if (block < plan.blocks) end = await this.#endAfter(block);
      if (block < this.#blocksToRun) await request.afterBlock?.(this.#ready.run.folder, block);
    }
    for (const trial of this.#trials.profiling) {
      if (request.signal.aborted) return undefined;
      await this.#trials.run(trial, 1, this.#blocksToRun, 'profile');
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

  /** One block; trials that the apparatus spoilt are repeated at its end. One of another part of the plan is passed over. */
  async #block(trials: readonly PlannedTrial[], own: boolean): Promise<void> {
    const { request } = this.#ready;
    let due: readonly PlannedTrial[] = trials;
    for (let attempt = 1; attempt <= 1 + request.experiment.validity.retries && due.length > 0; attempt++) {
      const spoilt: PlannedTrial[] = [];
      for (const trial of due) {
        if (request.signal.aborted) return;
        const record = own
          ? await this.#trials.run(trial, attempt, this.#blocksToRun)
          : this.#trials.passOver(trial, attempt);
        if (record?.outcome.kind === 'invalid' && record.outcome.apparatus) spoilt.push(trial);
      }
      due = spoilt;
    }
  }
}
