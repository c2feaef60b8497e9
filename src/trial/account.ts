import type { Sampling } from '../experiment/experiment.ts';
import type { Warning } from '../metrics/warning.ts';
import {
  type Exit,
  FORMAT_VERSION,
  type Outcome,
  type Preload,
  type Reading,
  type TrialRecord,
  type TriedSource,
  type WorkDone,
} from '../results/format.ts';
import { type ProcessIdentity, processIdentity, whyReplaced } from '../probe/process-identity.ts';
import type { Daemon } from '../runner/runner.ts';
import type { PreloadDone } from '../workload/workload.ts';
import { Instruments } from './instruments.ts';
import { type Evidence, judge } from './judge.ts';
import { OutputReader } from './output-reader.ts';
import type { PhaseClock } from './phase-clock.ts';
import { settleRule, SettleWatch } from './settle-watch.ts';
import { silentSources } from './silent-sources.ts';
import type { TrialRequest } from './trial-request.ts';
import { WindowWatch } from './window-watch.ts';

/** What is known of a trial while it goes on; its record when it has ended. */
export class TrialAccount {
  readonly request: TrialRequest;
  readonly clock: PhaseClock;
  readonly signal: AbortSignal;
  readonly output: OutputReader;
  readonly #warnings: Warning[] = [];
  #probes: readonly string[] = [];
  #tried: readonly TriedSource[] = [];
  #window: { readonly startSeconds: number; readonly endSeconds: number } | undefined;
  #askedSeconds: number | undefined;
  #watch: WindowWatch | undefined;
  #settling: SettleWatch | undefined;
  #work: WorkDone | undefined;
  #preload: Preload | undefined;
  /** The last figures that were read of the target's memory. */
  readonly #memory: { -readonly [Key in 'heapAllocBytes' | 'rssBytes']?: NonNullable<Preload[Key]> } = {};
  /** Its count of cycles, as last read. */
  #numGc: number | undefined;
  #exit: Exit | undefined;
  #processStart: number | undefined;
  #identity: ProcessIdentity | undefined;

  constructor(request: TrialRequest, clock: PhaseClock, signal: AbortSignal) {
    this.request = request;
    this.clock = clock;
    this.signal = signal;
    this.output = new OutputReader(
      request.experiment.target.ready,
      request.writer,
      request.redact,
      () => clock.now(),
      (reading) => this.#take(reading),
    );
  }

  /** Finds what the target can be read with. */
  async instruments(daemon: Daemon, sampling: Sampling): Promise<Instruments> {
    const instruments = await Instruments.detect(daemon, sampling, {
      seed: this.request.planned.seed,
      now: () => this.clock.now(),
      onReading: (reading) => this.#take(reading),
      signal: this.signal,
    });
    this.#probes = [...instruments.names, ...(sampling.gctrace ? ['gctrace'] : [])];
    this.#tried = instruments.tried;
    if (instruments.disagreement !== undefined)
      this.warn('memory-disagrees', `${instruments.disagreement}: its memory is not read`);
    this.#processStart = daemon.startUnixSeconds;
    this.#identity = await identityOf(daemon);
    return instruments;
  }

  /** Why the process is not the one that the instruments were found for; undefined where it is, or nothing tells. */
  async replaced(daemon: Daemon): Promise<string | undefined> {
    return whyReplaced(this.#identity, await identityOf(daemon));
  }

  /** From here on readings tell whether the warm-up can end. */
  settling(): SettleWatch {
    const { cell, experiment } = this.request;
    this.#settling = new SettleWatch(cell.levels, this.clock.now(), settleRule(experiment));
    return this.#settling;
  }

  /**
   * From here on readings tell what is in force and whether the target has settled. Times are seconds of the trial.
   * `runtimeSeconds`: when the target's runtime began, where that is known.
   */
  watch(startSeconds: number, lengthSeconds: number, runtimeSeconds?: number): void {
    this.#settling = undefined;
    this.#watch = new WindowWatch(this.request.cell.levels, startSeconds, lengthSeconds);
    this.output.settleGctrace({ startSeconds: runtimeSeconds, numGc: this.#numGc });
  }

  /** When the runtime of a target began, seconds of the trial: what is executed as it is begins with its process, while a container's process may be a script at first. */
  runtimeSeconds({ startUnixSeconds }: Daemon): number | undefined {
    const isProcess = this.request.runner.name === 'process';
    return startUnixSeconds === undefined || !isProcess ? undefined : startUnixSeconds - this.clock.startUnixSeconds;
  }

  /** When the target's process began, seconds of the trial, once its instruments were found and where that is known. */
  get processStartSeconds(): number | undefined {
    return this.#processStart === undefined ? undefined : Math.max(0, this.#processStart - this.clock.startUnixSeconds);
  }

  /** The window that counts. `askedSeconds`: how long it was meant to be, where the target does not decide that. */
  window(startSeconds: number, endSeconds: number, askedSeconds?: number): void {
    this.#window = { startSeconds, endSeconds };
    this.#askedSeconds = askedSeconds;
    this.#watch?.close();
  }

  /** What the preload did; the figures of memory that were read last are what it reached. */
  preloaded(done: PreloadDone): void {
    this.#preload = { ...done, ...this.#memory };
  }

  worked(work: WorkDone): void {
    this.#work = work;
  }

  exited(exit: Exit): void {
    this.#exit = exit;
  }

  warn(code: string, message: string): void {
    this.#warnings.push({ code, message });
  }

  /** Says whether the trial, which ran to its end, counts. `replaced`: see Evidence. */
  judged({ failures }: Instruments, replaced?: string): Outcome {
    const watch = this.#watch;
    const isRun = this.#work?.unit === 'run';
    const { outcome, warnings } = judge(
      {
        work: this.#work,
        steadiness: isRun ? undefined : watch?.steadiness(),
        autoWarmup: this.request.experiment.phases.warmupSeconds === 'auto',
        goalExcursion: isRun ? undefined : watch?.goalExcursion(),
        gogc: watch?.gogcVerdict(),
        wentBack: watch?.wentBack ?? [],
        stoppedReadings: watch?.stoppedReadings ?? 0,
        replaced,
        ...this.#timing(),
        probeFailures: failures,
      },
      this.request.experiment.validity,
    );
    this.#warnings.push(...warnings, ...silentSources(this.#tried, this.request.experiment.sampling));
    return outcome;
  }

  #timing(): Pick<Evidence, 'timing'> {
    if (this.#window === undefined || this.#askedSeconds === undefined || this.#watch === undefined) return {};
    const { startSeconds, endSeconds } = this.#window;
    return {
      timing: {
        askedSeconds: this.#askedSeconds,
        seconds: endSeconds - startSeconds,
        longestGapSeconds: this.#watch.longestGapSeconds,
        intervalSeconds: 1 / this.request.experiment.sampling.outsideHz,
      },
    };
  }

  /** The record; to be asked for when all of the output has been read. */
  record(outcome: Outcome): TrialRecord {
    const { planned, attempt, purpose } = this.request;
    const { gaps, others } = this.output.gctrace;
    if (gaps > 0) this.warn('gctrace-gaps', `${gaps} gctrace lines were lost or mixed with other output`);
    if (others.cycles > 0) {
      const { cycles, processes } = others;
      const of =
        processes === 1 ? 'another process' : processes === 0 ? 'other processes' : `${processes} other processes`;
      this.warn(
        'gctrace-of-others',
        `${cycles} ${cycles === 1 ? 'cycle' : 'cycles'} in gctrace ${cycles === 1 ? 'is' : 'are'} of ${of} that wrote to the same stream, ` +
          'and not of the target: they do not count',
      );
    }
    return {
      formatVersion: FORMAT_VERSION,
      id: planned.id,
      block: planned.block,
      position: planned.position,
      cell: planned.cell,
      attempt,
      ...(purpose === 'profile' ? { purpose } : {}),
      // Of a load program that failed its own last lines tell the most.
      outcome: 'log' in outcome && outcome.log.length === 0 ? { ...outcome, log: this.output.tail } : outcome,
      startedAt: this.clock.startedAt.toISOString(),
      startUnixSeconds: this.clock.startUnixSeconds,
      ...(this.#processStart === undefined ? {} : { processStartUnixSeconds: this.#processStart }),
      phases: this.clock.phases,
      ...(this.#window === undefined ? {} : { window: this.#window }),
      probes: this.#probes,
      tried: this.#tried,
      effective: this.#watch?.effective() ?? {},
      ...(this.#preload === undefined ? {} : { preload: this.#preload }),
      ...(this.#work === undefined ? {} : { work: this.#work }),
      ...(this.#exit === undefined ? {} : { exit: this.#exit }),
      warnings: this.#warnings,
    };
  }

  #take(reading: Reading): void {
    this.request.writer.reading(reading);
    this.#watch?.add(reading);
    this.#settling?.add(reading);
    const { heapAllocBytes, rssBytes, numGc } = reading.v;
    if (numGc !== undefined) this.#numGc = numGc;
    if (heapAllocBytes !== undefined) this.#memory.heapAllocBytes = heapAllocBytes;
    if (rssBytes !== undefined) this.#memory.rssBytes = rssBytes;
    this.request.onReading(reading);
  }
}

async function identityOf({ pid }: Daemon): Promise<ProcessIdentity | undefined> {
  return pid === undefined ? undefined : processIdentity(pid);
}
