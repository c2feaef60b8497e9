import type { Sampling } from '../experiment/experiment.ts';
import type { Warning } from '../experiment/warning.ts';
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
import type { Daemon } from '../runner/runner.ts';
import type { PreloadDone } from '../workload/workload.ts';
import { Instruments } from './instruments.ts';
import { judge } from './judge.ts';
import { OutputReader } from './output-reader.ts';
import type { PhaseClock } from './phase-clock.ts';
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
  #watch: WindowWatch | undefined;
  #work: WorkDone | undefined;
  #preload: Preload | undefined;
  /** The last figures that were read of the target's memory. */
  readonly #memory: { -readonly [Key in 'heapAllocBytes' | 'rssBytes']?: NonNullable<Preload[Key]> } = {};
  #exit: Exit | undefined;
  #processStart: number | undefined;

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
    this.#processStart = daemon.startUnixSeconds;
    return instruments;
  }

  /** From here on readings tell what is in force and whether the target has settled. Times are seconds of the trial. */
  watch(startSeconds: number, lengthSeconds: number): void {
    this.#watch = new WindowWatch(this.request.cell.levels, startSeconds, lengthSeconds);
  }

  /** When the target's process began, seconds of the trial, once its instruments were found and where that is known. */
  get processStartSeconds(): number | undefined {
    return this.#processStart === undefined ? undefined : Math.max(0, this.#processStart - this.clock.startUnixSeconds);
  }

  /** The window that counts. */
  window(startSeconds: number, endSeconds: number): void {
    this.#window = { startSeconds, endSeconds };
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

  /** Says whether the trial, which ran to its end, counts. */
  judged({ failures }: Instruments): Outcome {
    const unknown = { rss: undefined, live: undefined };
    const { outcome, warnings } = judge(
      {
        work: this.#work,
        drift: this.#work?.unit === 'run' ? unknown : (this.#watch?.drift() ?? unknown),
        gogc: this.#watch?.gogcVerdict(),
        probeFailures: failures,
      },
      this.request.experiment.validity,
    );
    this.#warnings.push(...warnings, ...silentSources(this.#tried, this.request.experiment.sampling));
    return outcome;
  }

  /** The record; to be asked for when all of the output has been read. */
  record(outcome: Outcome): TrialRecord {
    const { planned, attempt, purpose } = this.request;
    const gaps = this.output.gctraceGaps;
    if (gaps > 0) this.warn('gctrace-gaps', `${gaps} gctrace lines were lost or mixed with other output`);
    return {
      formatVersion: FORMAT_VERSION,
      id: planned.id,
      block: planned.block,
      position: planned.position,
      cell: planned.cell,
      attempt,
      ...(purpose === 'profile' ? { purpose } : {}),
      outcome: 'log' in outcome ? { ...outcome, log: this.output.tail } : outcome,
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
    const { heapAllocBytes, rssBytes } = reading.v;
    if (heapAllocBytes !== undefined) this.#memory.heapAllocBytes = heapAllocBytes;
    if (rssBytes !== undefined) this.#memory.rssBytes = rssBytes;
    this.request.onReading(reading);
  }
}
