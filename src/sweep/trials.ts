import { setTimeout as sleep } from 'node:timers/promises';
import { EnvironmentError, firstCause, machineCondition } from '../errors.ts';
import type { Cell, Plan, PlannedTrial } from '../experiment/plan/plan.ts';
import { shareOf } from '../experiment/plan/shard.ts';
import { redactDeep, type Redact } from '../experiment/secrets/secrets.ts';
import { runsToItsEnd } from '../experiment/workloads/kinds.ts';
import type { JournalEvent, TrialRecord } from '../results/format.ts';
import { attemptName } from '../results/layout.ts';
import type { RunWriter } from '../results/run-writer.ts';
import { formatWait } from '../units/format-units.ts';
import type { TrialBackend } from '../trial/trial-backend.ts';
import type { Past } from './past.ts';
import { QuickWatch } from './quick-figures.ts';
import type { SweepRequest } from './sweep-request.ts';

/** What is at hand once everything has been made ready. */
export interface Ready {
  readonly request: SweepRequest;
  readonly plan: Plan;
  readonly backend: TrialBackend;
  readonly run: RunWriter;
  readonly redact: Redact;
  /** What earlier gctunes did in this run. */
  readonly past: Past;
}

/** After so many trials the forecast is held against what they took; one alone may be slower for being the first. */
const TRIALS_BEFORE_WORD = 2;
/** So many times as long as forecast is worth a word, where it makes the run so much longer. */
const SLOW = 1.5;
const WORTH_SECONDS = 60;

/** Runs one trial after another, repeats what faults of the machine end, and counts what came of them. */
export class Trials {
  readonly #ready: Ready;
  readonly #cells: ReadonlyMap<string, Cell>;
  /** What is run of the plan. */
  readonly #share: Pick<Plan, 'trials' | 'profiling'>;
  /** Everything that is run: the blocks, then the profiling. */
  readonly #order: readonly PlannedTrial[];
  readonly #began = performance.now();
  readonly #completed = new Set<string>();
  /** Planned trials of which an attempt has ended; attempts are counted in #ended and #ran. */
  readonly #tried = new Set<string>();
  #skipped = 0;
  /** Those of #skipped since the last trial that ended. */
  #skippedInRow = 0;
  #ended = 0;
  /** Those of #ended that this gctune ran. */
  #ran = 0;

  constructor(ready: Ready) {
    this.#ready = ready;
    this.#cells = new Map(ready.plan.cells.map((cell) => [cell.id, cell]));
    this.#share = shareOf(ready.plan, ready.run.manifest.shard);
    this.#order = [...this.#share.trials, ...this.#share.profiling];
  }

  /** Planned trials that have a completed attempt. */
  get completed(): number {
    return this.#completed.size;
  }

  /** Trials that were left out because of faults of the machine. */
  get skipped(): number {
    return this.#skipped;
  }

  /** Attempts that have ended, of earlier gctunes too. */
  get ended(): number {
    return this.#ended;
  }

  /** Trials that are to be run up to a block. */
  planned(lastBlock: number): readonly PlannedTrial[] {
    return this.#share.trials.filter(({ block }) => block <= lastBlock);
  }

  /** Those that profile. */
  get profiling(): readonly PlannedTrial[] {
    return this.#share.profiling;
  }

  /** A trial that another part of the plan has: only a clock that does not run by itself is to know of it. */
  passOver(planned: PlannedTrial, attempt: number): TrialRecord | undefined {
    return this.#ready.backend.passOver?.(planned, this.#cellOf(planned), attempt);
  }

  #cellOf({ cell }: PlannedTrial): Cell {
    const found = this.#cells.get(cell);
    if (found === undefined) throw new Error(`the plan has no cell ${cell}`);
    return found;
  }

  /**
   * One attempt at a trial, or what an earlier gctune made of it. It is repeated while faults of the machine end it and the
   * policy allows; undefined where it is left out. `lastBlock` is the last that is to be run, as far as is known. Throws
   * PolicySpent.
   */
  async run(
    planned: PlannedTrial,
    attempt: number,
    lastBlock: number,
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
        return await this.#attempt(planned, attempt, lastBlock, purpose);
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
        await this.log({ at: now(), type: 'trial-fault', trial: planned.id, attempt, code, message, next });
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

  async #attempt(
    planned: PlannedTrial,
    attempt: number,
    lastBlock: number,
    purpose: 'measure' | 'profile',
  ): Promise<TrialRecord> {
    const { request, run, backend, redact, past } = this.#ready;
    const cell = this.#cellOf(planned);
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
    await this.log({ at: now(), type: 'trial-ended', trial: planned.id, attempt, outcome: record.outcome.kind });
    await request.reduce(run, planned.id, attempt);
    this.#count(record, purpose);
    this.#skippedInRow = 0;
    this.#ran++;
    const each = (performance.now() - this.#began) / 1000 / this.#ran;
    const secondsLeft = each * this.#ahead(lastBlock);
    request.onEvent({ type: 'trial-ended', record, quick: quick.figures(record), index, secondsLeft });
    if (this.#ran === TRIALS_BEFORE_WORD) this.#sayIfSlow(each, secondsLeft);
    return record;
  }

  /** What was said before the run is corrected once, as soon as it is known to be wrong. */
  #sayIfSlow(each: number, secondsLeft: number): void {
    const { backend, plan, request } = this.#ready;
    const planned = backend.forecastSeconds({ ...plan, ...this.#share }) / this.#order.length;
    const longer = secondsLeft * (1 - planned / each);
    if (each < planned * SLOW || longer < WORTH_SECONDS) return;
    request.onEvent({
      type: 'note',
      message: `trials take ${(each / planned).toFixed(1)} times as long as forecast, which can only guess at start, preload and warm-up: about ${formatWait(secondsLeft)} left`,
    });
  }

  /** Trials that have not been tried yet: of the blocks that are to be run, and those that profile. */
  #ahead(lastBlock: number): number {
    return [...this.planned(lastBlock), ...this.#share.profiling].filter(({ id }) => !this.#tried.has(id)).length;
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
          hint: unreadyHint(outcome.said ?? ''),
        },
      );
    }
  }

  /** Writes to the journal where that is not what matters: a disk that is full must not hide what happened. */
  async log(event: JournalEvent): Promise<void> {
    try {
      await this.#ready.run.log(event);
    } catch (error) {
      if (machineCondition(error) === undefined) throw error;
    }
  }
}

/** The next step for a target that is not ready in time, by what was seen of it last. */
function unreadyHint(said: string): string {
  if (/ answered \d/.test(said))
    return 'name a page that answers with 200 in target.ready.http, or write ready: { tcp: true }';
  if (said.includes('it listens on'))
    return 'let target.args tell it to listen on {host}:{port}, or write where it listens under target.port';
  if (said.startsWith('its output'))
    return 'the lines above are what it printed: choose words of them for target.ready.output, or write ready: { tcp: true }';
  return 'check target.args and target.port, or allow more time with target.ready.within';
}

/** A fault of the machine outlasted what the experiment's policy allows. */
export class PolicySpent extends Error {
  readonly fault: EnvironmentError;
  constructor(fault: EnvironmentError) {
    super(fault.message, { cause: fault });
    this.fault = fault;
  }
}

/** The time as the journal has it. */
export function now(): string {
  return new Date().toISOString();
}
