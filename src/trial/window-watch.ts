import type { Levels } from '../experiment/experiment.ts';
import { UNLIMITED_BYTES } from '../go/pacer.ts';
import { inferGogc, verifyGogc } from '../go/effective-gogc.ts';
import { GogcWatch } from '../go/gogc-watch.ts';
import { OWN_CGROUP_PROBES, PROCESS_PROBES, type ProbeId } from '../experiment/probe-ids.ts';
import type { Effective, Reading, ReadingKey } from '../results/format.ts';
import { ExcursionWatch } from './excursion.ts';
import { LIVE_SOURCES, LiveHeapReader, type LiveSource } from './live-heap.ts';
import { type Drift, DriftWatch } from './steadiness.ts';

/** How many of the latest readings of each kind are kept as evidence of the effective GOGC. */
const keptReadings = 64;

/** Counters of a process or its cgroup that only grow, and by how much they may fall without it meaning anything. */
const COUNTERS = [
  ['numGc', 'NumGC', 0],
  ['totalAllocBytes', 'TotalAlloc', 0],
  ['cgroupCpuSeconds', 'the cgroup’s CPU time', 0.02],
  ['cpuSeconds', 'the process’s CPU time', 0.02],
] as const satisfies readonly (readonly [ReadingKey, string, number])[];

/** What is read from files of the kernel: that it is late is our own doing. */
const PROMPT: readonly ProbeId[] = [...PROCESS_PROBES, ...OWN_CGROUP_PROBES];

/** How level what should be level was, as far as the readings tell. */
export interface Steadiness {
  readonly rss: Drift | undefined;
  readonly live: Drift | undefined;
  /** How often the best source was read in the window. */
  readonly readings: { readonly rss: number; readonly live: number };
}

/** Watches the readings of one window in constant memory: drift, whether it is one process, and which settings are really in force. */
export class WindowWatch {
  readonly #levels: Levels;
  readonly #startSeconds: number;
  readonly #endSeconds: number;
  readonly #rss: DriftWatch;
  readonly #live: Readonly<Record<LiveSource, DriftWatch>>;
  readonly #heap: LiveHeapReader;
  readonly #gogc: GogcWatch;
  readonly #goals = new ExcursionWatch();
  readonly #evidence: Reading[] = [];
  /** A reading of each GOGC that the runtime said is in force. */
  readonly #told = new Map<number, Reading>();
  readonly #counters = new Map<string, number>();
  readonly #wentBack = new Set<string>();
  #gomaxprocs: number | undefined;
  #gomemlimitBytes: number | undefined;
  #promptAt: number | undefined;
  #longestGapSeconds = 0;
  #stoppedReadings = 0;
  #closed = false;

  constructor(levels: Levels, startSeconds: number, windowSeconds: number) {
    this.#levels = levels;
    this.#startSeconds = startSeconds;
    this.#endSeconds = startSeconds + windowSeconds;
    const watch = (): DriftWatch => new DriftWatch(startSeconds, windowSeconds);
    this.#rss = watch();
    this.#live = { told: watch(), traced: watch(), goal: watch() };
    this.#heap = new LiveHeapReader(levels);
    this.#gogc = new GogcWatch(levels.gogc);
  }

  /** Takes a reading; those from before the window and after its end are ignored. */
  add(reading: Reading): void {
    if (reading.at < this.#startSeconds || this.#closed) return;
    const { v, probe } = reading;
    // The last reading is taken when the time is up, a moment late.
    const at = Math.min(reading.at, this.#endSeconds);
    const rss = v.rssBytes ?? v.cgroupAnonBytes;
    if (rss !== undefined) this.#rss.add(at, rss);
    this.#gomaxprocs = v.gomaxprocs ?? v.procs ?? this.#gomaxprocs;
    this.#gomemlimitBytes = v.gomemlimitBytes ?? this.#gomemlimitBytes;
    const { live, goalBytes } = this.#heap.take(reading);
    for (const source of LIVE_SOURCES) {
      const bytes = live[source];
      if (bytes !== undefined) this.#live[source].add(at, bytes);
    }
    if (goalBytes !== undefined && goalBytes < UNLIMITED_BYTES) this.#goals.add(at - this.#startSeconds, goalBytes);
    this.#takeCounters(reading);
    if (v.stopped !== undefined) this.#stoppedReadings++;
    if (PROMPT.includes(probe)) this.#takePrompt(reading.at);
    // What is said is not inferred; and of one goal there may be many readings.
    if (!this.#heap.limited && v.gogcPercent === undefined) this.#gogc.add(reading);
    if (v.gogcPercent !== undefined) {
      // The last one last.
      this.#told.delete(v.gogcPercent);
      if (this.#told.size < keptReadings) this.#told.set(v.gogcPercent, reading);
    } else if (v.numGc !== undefined || probe === 'gctrace') {
      this.#evidence.push(reading);
      if (this.#evidence.length > keptReadings) this.#evidence.shift();
    }
  }

  /** The window has ended. */
  close(): void {
    this.#closed = true;
  }

  /** Relative drift of RSS and of the live heap. */
  steadiness(): Steadiness {
    const watches = LIVE_SOURCES.map((source) => this.#live[source]);
    const live = watches.map((watch) => watch.drift()).find((drift) => drift !== undefined);
    return {
      rss: this.#rss.drift(),
      live,
      readings: { rss: this.#rss.readings, live: Math.max(...watches.map(({ readings }) => readings)) },
    };
  }

  /** Counters that fell in the window, in words. */
  get wentBack(): readonly string[] {
    return [...this.#wentBack];
  }

  /** How many readings found the process stopped, by a signal or a debugger. */
  get stoppedReadings(): number {
    return this.#stoppedReadings;
  }

  /** The longest time in the window without a reading from the kernel's files. */
  get longestGapSeconds(): number {
    return this.#longestGapSeconds;
  }

  /** How the heap goal left its level for a while, which a steady live heap under one GOGC does not; undefined where it did not. */
  goalExcursion(): ReturnType<ExcursionWatch['excursion']> {
    return this.#heap.limited ? undefined : this.#goals.excursion();
  }

  /** Whether the GOGC that was asked for is in force, as far as the readings tell: all the time, not on the average. */
  gogcVerdict(): ReturnType<typeof verifyGogc> {
    const verdict = verifyGogc(
      this.#levels.gogc,
      inferGogc([...this.#evidence, ...this.#told.values()], this.#levels.gomemlimit),
    );
    const change = this.#heap.limited ? undefined : this.#gogc.change();
    // One that was never in force is overridden, not changed.
    if (change === undefined || (verdict.ok === false && !change.afterAsked)) return verdict;
    const { atSeconds, percent } = change;
    const when = (atSeconds - this.#startSeconds).toFixed(1);
    const effective = percent < 0 ? 'off' : `about ${Math.round(percent)}`;
    return {
      ok: false,
      message: `the target changes GOGC while it runs: requested ${this.#levels.gogc}, effective ${effective} from ${when} s into the window`,
    };
  }

  /** The settings in force as far as the readings tell. */
  effective(): Effective {
    const gogc = inferGogc([...this.#evidence, ...this.#told.values()], this.#levels.gomemlimit);
    return {
      ...(gogc === undefined ? {} : { gogcPercent: gogc.percent, gogcEvidence: gogc.evidence }),
      ...(this.#gomaxprocs === undefined ? {} : { gomaxprocs: this.#gomaxprocs }),
      ...(this.#gomemlimitBytes === undefined ? {} : { gomemlimitBytes: this.#gomemlimitBytes }),
    };
  }

  #takeCounters({ v, probe }: Reading): void {
    for (const [key, name, slack] of COUNTERS) {
      const value = v[key];
      if (value === undefined) continue;
      const last = this.#counters.get(`${probe} ${key}`);
      if (last !== undefined && value < last - slack) this.#wentBack.add(name);
      this.#counters.set(`${probe} ${key}`, value);
    }
  }

  #takePrompt(at: number): void {
    const since = this.#promptAt ?? this.#startSeconds;
    this.#longestGapSeconds = Math.max(this.#longestGapSeconds, at - since);
    this.#promptAt = at;
  }
}
