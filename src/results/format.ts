import type { Experiment, Levels } from '../experiment/experiment.ts';
import type { FactorLevels } from '../experiment/factors.ts';
import type { MetricId } from '../metrics/metrics.ts';
import type { ProbeId } from '../experiment/probe-ids.ts';
import type { RunnerName } from '../experiment/runner-names.ts';
import { GCTRACE_KEYS, MEMSTATS_KEYS, RUNTIME_METRICS_KEYS } from '../go/counters.ts';
import type { GogcEvidence } from '../go/effective-gogc.ts';
import type { CellId, Plan } from '../experiment/plan/plan.ts';
import type { Shard } from '../experiment/plan/shard.ts';
import type { Warning } from '../metrics/warning.ts';

/** Version of every file in a run folder. 1: first. */
export const FORMAT_VERSION = 1;

/** What the Go linker wrote into a binary. */
export interface BuildInfo {
  /** For example `go1.26.8`. */
  readonly goVersion: string;
  /** Import path of the main package. */
  readonly path: string;
  readonly mainModule: { readonly path: string; readonly version: string } | undefined;
  /** `GOARCH`, `GOOS`, `CGO_ENABLED`, `-trimpath`, `vcs.revision`, … as printed by `go version -m`. */
  readonly settings: Readonly<Record<string, string>>;
}

/** One fact about the machine: kernel, cgroup version, CPU model, THP mode, load, engine version … */
export type Environment = Readonly<Record<string, string | number | boolean | null>>;

/** `run.json`: what was asked for and on what it ran. */
export interface RunManifest {
  readonly formatVersion: number;
  readonly toolVersion: string;
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly experiment: Experiment;
  /** The experiment's file as it could be named where the run began; absent where it came from stdin, and of older runs. */
  readonly experimentFile?: string;
  readonly plan: Plan;
  /** Of a pilot: the experiment that it chooses levels for. */
  readonly pilotOf?: Experiment;
  /** Of a confirmation: the run whose recommendation it confirms, which lies beside it. */
  readonly confirms?: string;
  /** Of one part of a plan: which part, and the name of the machine that it ran on. The plan is that of all parts. */
  readonly shard?: RunShard;
  /** Of a run that was joined of parts: the machines that it ran on. Its environment is what these have in common. */
  readonly nodes?: readonly RunNode[];
  /** Of a run that was joined of parts: those that were not given, or lack trials. */
  readonly missing?: readonly MissingPart[];
  readonly runner: RunnerName;
  /** Of a simulated run: what each cell comes to without noise, by the cell's id. */
  readonly truth?: Readonly<Record<CellId, CellTruth>>;
  /** What was run; where there are variants, that of the baseline. */
  readonly artifact: ArtifactFacts;
  /** One for each combination of levels of the further factors; absent where the matrix has none. */
  readonly variants?: readonly Variant[];
  /** What each service was made from; runs made before there were services have none. */
  readonly services?: Readonly<Record<string, { readonly digest: string; readonly description: string }>>;
  /** The load programs of workloads that have one, by the workload's name. */
  readonly loads?: Readonly<Record<string, { readonly digest: string; readonly description: string }>>;
  readonly environment: Environment;
  /** CPUs of the target and of the generator, as `taskset` lists; undefined where nothing is pinned. */
  readonly placement: { readonly target: string | undefined; readonly generator: string | undefined };
  readonly gomaxprocs: number;
  readonly warnings: readonly Warning[];
}

/** The part of a plan that a run is. */
export interface RunShard extends Shard {
  readonly node: string;
}

/** A part that a joined run lacks, in whole or in part. */
export interface MissingPart extends Shard {
  /** The folder of it that lacks trials, as it was named; absent where none was given. */
  readonly folder?: string;
}

/** A machine that blocks of a joined run ran on. */
export interface RunNode extends Pick<RunManifest, 'environment' | 'placement'> {
  readonly name: string;
  /** Those that have a trial, in order. */
  readonly blocks: readonly number[];
}

/** What is known of a program that was run. */
export interface ArtifactFacts {
  readonly digest: string;
  readonly description: string;
  readonly buildInfo: BuildInfo;
}

/** What the cells of one combination of levels of the further factors ran, and where. */
export interface Variant extends Pick<RunManifest, 'artifact' | 'placement' | 'gomaxprocs'> {
  readonly factors: FactorLevels;
}

/** What the cells of these levels ran: of runs without further factors what the manifest says of all. */
export function variantOf(
  run: Pick<RunManifest, 'artifact' | 'placement' | 'gomaxprocs' | 'variants'>,
  { factors }: Pick<Levels, 'factors'>,
): Omit<Variant, 'factors'> {
  return run.variants?.find((one) => sameLevels(one.factors, factors ?? {})) ?? run;
}

function sameLevels(a: Variant['factors'], b: Variant['factors']): boolean {
  return (
    Object.keys(a).length === Object.keys(b).length && Object.entries(a).every(([name, level]) => b[name] === level)
  );
}

/** What a cell of a simulated run comes to in the steady state, without noise, drift, start and growth. Base units, as the metrics have them. */
export interface CellTruth {
  readonly outcome: 'completed' | 'oom-killed';
  readonly figures: Readonly<Partial<Record<MetricId, number>>>;
}

/** How a trial ended. */
export type Outcome =
  | { readonly kind: 'completed' }
  /** Ran to its end, but its figures do not count. `apparatus`: the fault lies with the machine or generator, not the target. */
  | { readonly kind: 'invalid'; readonly reason: string; readonly message: string; readonly apparatus: boolean }
  | { readonly kind: 'failed'; readonly phase: string; readonly cause: string; readonly log: readonly string[] }
  | {
      readonly kind: 'timed-out';
      readonly phase: string;
      readonly seconds: number;
      /** Of a target that was not ready: what it answered last, or where it listens instead. Holds text of the target. */
      readonly said?: string;
      readonly log: readonly string[];
    }
  | { readonly kind: 'oom-killed'; readonly phase: string; readonly limitBytes: number | undefined }
  | { readonly kind: 'aborted'; readonly phase: string };

/** One part of a trial; seconds since the trial's start. */
export interface Phase {
  readonly name: 'launch' | 'ready' | 'preload' | 'warm-up' | 'settle' | 'measure' | 'drain' | 'stop';
  readonly startSeconds: number;
  readonly endSeconds: number;
}

/** Latency of one trial, in seconds from the intended send time; of a load program what it reports, from when it sent. */
export interface LatencySummary {
  readonly count: number;
  readonly meanSeconds?: number;
  readonly p50Seconds?: number;
  readonly p90Seconds?: number;
  readonly p99Seconds?: number;
  readonly p999Seconds?: number;
  readonly maxSeconds?: number;
  /** HdrHistogram V2 compressed base64 of microseconds; a load program reports none. */
  readonly hdr?: string;
}

/** What the workload did in the window. */
export interface WorkDone {
  /** What one piece of work is. */
  readonly unit: 'request' | 'run' | 'none';
  /** Arrivals that fell due in the window. */
  readonly intended: number;
  readonly completed: number;
  /** Requests that a load program was to make, where that is known. */
  readonly expected?: number;
  /** Arrivals that fell due in each third of the window, where the generator tells. */
  readonly thirds?: readonly [number, number, number];
  /** Arrivals that were not sent, because all connections were busy. */
  readonly dropped: number;
  /** Failed requests by kind: `status 500`, `timeout`, `ECONNRESET`. */
  readonly errors: Readonly<Record<string, number>>;
  /** How long after its due time a request was sent. */
  readonly lateness: { readonly p99Seconds: number; readonly maxSeconds: number };
  readonly windowSeconds: number;
  readonly latency: LatencySummary | undefined;
  /** CPU seconds that the load generator's own process used in the window, where there is one. */
  readonly generatorCpuSeconds?: number;
}

/** What was done before the warm-up to fill the target, and what that came to. */
export interface Preload {
  readonly seconds: number;
  readonly requests: number;
  /** Failed requests by kind. */
  readonly errors: Readonly<Record<string, number>>;
  /** At its end, where a probe tells. */
  readonly heapAllocBytes?: number;
  readonly rssBytes?: number;
}

/** How the daemon's process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
  readonly oomKilled: boolean;
  /** CPU seconds of its whole life where the system could still tell. */
  readonly cpuSeconds?: number;
  /** Peak resident memory of its whole life where the system could still tell. */
  readonly peakBytes?: number;
}

/** What is known of the settings that were really in force. */
export interface Effective {
  /** Percent; -1 is off; undefined where nothing tells. */
  readonly gogcPercent?: number;
  readonly gogcEvidence?: GogcEvidence['evidence'];
  readonly gomaxprocs?: number;
  readonly gomemlimitBytes?: number;
}

/** What came of asking a source for the first time. */
export interface TriedSource {
  readonly probe: ProbeId;
  readonly ok: boolean;
  /** `12 figures`, or why there are none: `GET /metrics answered 404`. Holds text of the target. */
  readonly message: string;
}

/** `trial.json`: one trial. */
export interface TrialRecord {
  readonly formatVersion: number;
  readonly id: string;
  readonly block: number;
  readonly position: number;
  readonly cell: CellId;
  /** 1 for the first try; more where the apparatus spoilt the earlier ones. */
  readonly attempt: number;
  /** The part of the run, where it was resumed on a machine or target that had changed: 2 after the first such change. Without it 1. */
  readonly part?: number;
  /** `profile`: a profile was taken in its window, so that none of its figures count. Without it they do. */
  readonly purpose?: 'profile';
  readonly outcome: Outcome;
  /** ISO 8601; the zero of every `…Seconds` time of the trial and of `Reading.at`. */
  readonly startedAt: string;
  /** `startedAt` as Unix seconds with fraction. */
  readonly startUnixSeconds: number;
  /** When the target's process began, Unix seconds. */
  readonly processStartUnixSeconds?: number;
  readonly phases: readonly Phase[];
  /** Only readings in it count. */
  readonly window?: { readonly startSeconds: number; readonly endSeconds: number };
  /** Names of the probes that answered. */
  readonly probes: readonly string[];
  /** Each source that was asked and what came of it; runs made before this was kept have no such list. */
  readonly tried?: readonly TriedSource[];
  readonly effective: Effective;
  readonly preload?: Preload;
  readonly work?: WorkDone;
  readonly exit?: Exit;
  readonly warnings: readonly Warning[];
}

/**
 * The figures a reading can hold. Base units. The same key means the same thing whichever probe read it.
 * `gctrace` readings are one per GC cycle; the others one per sample.
 */
export const READING_KEYS = [
  // outside: proc, ps
  'rssBytes',
  'rssAnonBytes',
  'rssFileBytes',
  'peakRssBytes',
  'swapBytes',
  'cpuSeconds',
  'threads',
  // 1 where the process was stopped by a signal or a debugger; else it is not there.
  'stopped',
  // outside: cgroup, docker stats (the whole container)
  'cgroupAnonBytes',
  'cgroupUsageBytes',
  'cgroupPeakBytes',
  // page cache, tmpfs included; pages that were dropped or swapped out and read again
  'cgroupFileBytes',
  'fileRefaults',
  'anonRefaults',
  // since its beginning: time in which some thread of it, and all of them, waited for memory (PSI), and for a CPU
  'memoryPressureSeconds',
  'memoryStallSeconds',
  'cpuPressureSeconds',
  // memory.high, and how often it slowed the group down
  'cgroupHighBytes',
  'highEvents',
  'cgroupCpuSeconds',
  'throttledSeconds',
  'throttledPeriods',
  'periods',
  'oomKills',
  // inside: what Go's runtime tells (src/go/counters.ts)
  ...MEMSTATS_KEYS,
  ...RUNTIME_METRICS_KEYS,
  // what the read itself cost
  'readSeconds',
  ...GCTRACE_KEYS,
] as const;
/** The name of a figure in a reading. */
export type ReadingKey = (typeof READING_KEYS)[number];

/** One sample of one probe at one time: a line of `readings.ndjson`, `{"at":1.234,"probe":"proc","v":{"rssBytes":1}}`. */
export interface Reading {
  /** Seconds since the trial's start, monotonic clock. For gctrace: when the line was seen. */
  readonly at: number;
  readonly probe: ProbeId;
  readonly v: Readonly<Partial<Record<ReadingKey, number>>>;
}

/** One thing that had changed when a run was resumed, as text. */
export interface Drift {
  /** `Go version`, `host: kernel`. */
  readonly what: string;
  readonly was: string;
  readonly is: string;
}

/** A line of `journal.ndjson`; the truth for resume. `at` is ISO 8601. */
export type JournalEvent =
  | {
      readonly at: string;
      readonly type: 'run-started';
      readonly pid: number;
      /** The folder that the programs of its preparation were started in, where it has any. */
      readonly directory?: string;
    }
  | { readonly at: string; readonly type: 'trial-started'; readonly trial: string; readonly attempt: number }
  | {
      readonly at: string;
      readonly type: 'trial-ended';
      readonly trial: string;
      readonly attempt: number;
      readonly outcome: Outcome['kind'];
    }
  | {
      /** Another gctune goes on with the run. */
      readonly at: string;
      readonly type: 'run-resumed';
      readonly pid: number;
      /** Trials that were under way when it ended, and are run again. */
      readonly discarded: readonly string[];
      /** The part of the run that begins here; it counts up where something had changed and that was accepted. */
      readonly part: number;
      /** What had changed since the run began. */
      readonly drift: readonly Drift[];
    }
  | {
      /** A fault of the machine ended an attempt, of which nothing is kept; it is repeated, or the policy is spent. */
      readonly at: string;
      readonly type: 'trial-fault';
      readonly trial: string;
      readonly attempt: number;
      readonly code: string;
      readonly message: string;
      /** What follows. */
      readonly next: 'retry' | 'skip' | 'stop';
    }
  | {
      /** An output stream of gctune's could not be written any more; the run went on without it. */
      readonly at: string;
      readonly type: 'output-lost';
      readonly stream: 'stdout' | 'stderr';
      /** `EIO`, `ENOSPC`, `EPIPE`. */
      readonly code: string;
    }
  | {
      readonly at: string;
      readonly type: 'run-ended';
      readonly why: RunEnd;
      /** Blocks that were run, where the run could end before its plan did. */
      readonly blocks?: number;
    };

/**
 * What ended a run. `precision-reached`: every primary interval was narrow enough; `budget-spent`: its time was over;
 * `fault`: a fault of the machine outlasted the policy.
 * Blocks that were then not begun are none that failed.
 */
export type RunEnd = 'plan-done' | 'precision-reached' | 'budget-spent' | 'interrupted' | 'failed' | 'fault';

/** Whether a run that ended so did all that it was to do. */
export function ranToItsEnd(why: RunEnd): why is 'plan-done' | 'precision-reached' | 'budget-spent' {
  return why === 'plan-done' || why === 'precision-reached' || why === 'budget-spent';
}

/** What ended a run, and after how many blocks where it could end before its plan did. */
export interface RunEnding {
  readonly why: RunEnd;
  readonly blocks: number | undefined;
}

/** A line of a daemon's output, without its line end. Untrusted text. */
export interface OutputLine {
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}
