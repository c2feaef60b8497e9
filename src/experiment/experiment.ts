import type { Assertion } from './assert/assertion.ts';
import type { Gogc, Gomemlimit } from '../go/settings.ts';
import type { MetricId } from '../metrics/metrics.ts';
import type { InsideProbe } from './probe-ids.ts';
import type { RunnerName } from './runner-names.ts';

export type { Gogc, Gomemlimit };

/** What is measured, as the experiment file says it; paths are absolute. */
export type TargetSource =
  | { readonly kind: 'package'; readonly directory: string; readonly flags: readonly string[] }
  | {
      readonly kind: 'module';
      /** Import path of the main package: `github.com/ipfs/kubo/cmd/ipfs`. */
      readonly package: string;
      /** What the module proxy is asked for: `v0.42.0`. */
      readonly version: string;
      readonly replaces: readonly ModuleReplace[];
      readonly flags: readonly string[];
    }
  | { readonly kind: 'binary'; readonly path: string }
  | { readonly kind: 'image'; readonly reference: string }
  | { readonly kind: 'dockerfile'; readonly file: string; readonly context: string }
  | { readonly kind: 'simulated'; readonly model: SimulatedTarget };

/** A target that there is a program of. */
export type RealTargetSource = Exclude<TargetSource, { readonly kind: 'simulated' }>;

/** A daemon that is only a model, as docs/simulated.md describes it. Every share of noise is a standard deviation of a logarithm. */
export interface SimulatedTarget {
  /** What every GC cycle finds reachable, once the start is over. */
  readonly liveBytes: number;
  /** Stacks and globals, which are scanned too and count in the heap goal. */
  readonly rootBytes: number;
  /** Resident memory of the runtime beside the heap. */
  readonly offHeapBytes: number;
  /** Resident pages of the binary. */
  readonly fileBytes: number;
  /** What size classes and partly filled spans add to the heap, as a share of it. */
  readonly fragmentation: number;
  readonly allocPerRequestBytes: number;
  /** CPU of a request without the collector's. */
  readonly cpuPerRequestSeconds: number;
  /** Bytes marked per CPU second. */
  readonly markBytesPerSecond: number;
  /** CPU of a GC cycle that does not depend on the heap. */
  readonly cycleSeconds: number;
  /** Of the service times of requests. */
  readonly latencySpread: number;
  /** In how long all but 1/e of what the heap no longer needs is given back. */
  readonly scavengeSeconds: number;
  /** What is live at the start beyond `liveBytes`, as a share of it, and in how long all but 1/e of it is gone. */
  readonly startUp: { readonly excess: number; readonly seconds: number };
  /** Growth of the live heap, as a share of `liveBytes`. */
  readonly growthPerMinute: number;
  /** Between processes (memory layout, CPU speed) and between readings of memory. */
  readonly noise: { readonly memory: number; readonly cpu: number; readonly reading: number };
  /** The machine's CPU speed: a first-order autoregression over the run, with this memory. */
  readonly drift: { readonly cpu: number; readonly seconds: number };
}

/** A `replace` line of the go.mod that a module is built in; `to` is `module@version` or an absolute folder. */
export interface ModuleReplace {
  readonly from: string;
  readonly to: string;
}

/** How to tell that the daemon is ready to serve. */
export type Readiness =
  | { readonly kind: 'http'; readonly path: string; readonly withinSeconds: number }
  | { readonly kind: 'output'; readonly contains: string; readonly withinSeconds: number };

/** One step that makes what the target works on, run once before the sweep: a program and its arguments, no shell. */
export interface PrepareStep {
  /**
   * argv; `{work}` stands for the run's scratch folder, `{data}` for the template of the target's data folder, `{node}`
   * for this Node.js. Where it begins with `{target}` the target itself is run, where and as its trials will be.
   * Relative paths start at the file.
   */
  readonly run: readonly string[];
  readonly withinSeconds: number;
}

/** The program under test. */
export interface TargetSpec {
  readonly source: TargetSource;
  /** argv after the program; `{host}`, `{port}` and `{work}` are filled in by the runner. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The port it serves on; `auto` lets the process runner choose a free one; undefined where it serves none. */
  readonly port: number | 'auto' | undefined;
  readonly ready: Readiness | undefined;
  readonly prepare: readonly PrepareStep[];
  /** Whether `{data}` stands anywhere: then each trial gets a folder of its own, a fresh copy of what the steps prepared. */
  readonly data: boolean;
}

/** A second instance of the target beside the one that is measured, with a data folder prepared by the same steps. */
export interface Companion {
  readonly gogc: Gogc;
  readonly gomemlimit: Gomemlimit;
}

/** Resource limits of the target. */
export interface Limits {
  readonly cpus: number | undefined;
  readonly memoryBytes: number | undefined;
  readonly pids: number;
  /** Whether the target and the load generator are kept on CPUs of their own. */
  readonly pin: boolean;
  /** False: a runner that cannot enforce a limit goes on with a warning; true (the default): it refuses. */
  readonly required: boolean;
}

/** A request rate over time, in requests per second. */
export type Rate =
  | { readonly kind: 'constant'; readonly perSecond: number }
  | {
      readonly kind: 'bursty';
      readonly basePerSecond: number;
      readonly peakPerSecond: number;
      readonly everySeconds: number;
      readonly forSeconds: number;
    }
  | {
      readonly kind: 'stepped';
      readonly steps: readonly { readonly perSecond: number; readonly forSeconds: number }[];
    };

/** One request the generator can send. Placeholders such as `{int:1..1000}` are filled from the seeded stream. */
export interface RequestTemplate {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly weight: number;
}

/** Open-loop HTTP load. */
export interface HttpWorkload {
  readonly kind: 'http';
  readonly requests: readonly RequestTemplate[];
  readonly rate: Rate;
  /** `uniform`: evenly spaced; `poisson`: exponential gaps of the same mean. */
  readonly arrivals: 'uniform' | 'poisson';
  readonly timeoutSeconds: number;
  /** Most requests in flight; an arrival that finds no room is counted as dropped. */
  readonly connections: number;
  /** Arguments that make the target's live heap a quarter larger, for the spike of a confirmation. */
  readonly grow?: readonly string[] | undefined;
  /** Arguments added after `target.args`: of the spike of a confirmation. */
  readonly args?: readonly string[] | undefined;
}

/** Sizes in bytes: all the same, or spread evenly on a log scale between two. */
export interface SizeRange {
  readonly leastBytes: number;
  readonly mostBytes: number;
}

/** One thing that a kubo node is asked to do over its RPC API. */
export type KuboOperation =
  /** `add` of a file of random bytes. */
  | { readonly kind: 'add'; readonly size: SizeRange; readonly pin: boolean }
  /** `cat` of a file that the preload added. */
  | { readonly kind: 'cat' }
  /** `block/get` of the root block of a file that the preload added. */
  | { readonly kind: 'block-get' }
  /** `dag/put` of a dag-cbor node with a byte string of this size. */
  | { readonly kind: 'dag-put'; readonly size: SizeRange }
  /** `files/write` of a new file into one directory, which grows. */
  | { readonly kind: 'mfs-write'; readonly size: SizeRange }
  /** `pin/add` and `pin/rm` in turn of files that the preload added. */
  | { readonly kind: 'pin' }
  /** `swarm/connect` to a fresh peer id: on closed loopback ports (`tcp`), or at addresses that are only stored (`udp`). */
  | { readonly kind: 'connect'; readonly addresses: number; readonly transport: 'tcp' | 'udp' }
  /** `add` on the companion, then `cat` on the target, which fetches the blocks over bitswap. */
  | { readonly kind: 'exchange'; readonly size: SizeRange };

/** An operation and how often it comes, relative to the others. */
export interface WeightedOperation {
  readonly operation: KuboOperation;
  readonly weight: number;
}

/** Open-loop load on the RPC API of a kubo node. */
export interface KuboWorkload {
  readonly kind: 'kubo';
  readonly operations: readonly WeightedOperation[];
  readonly rate: Rate;
  readonly arrivals: 'uniform' | 'poisson';
  readonly timeoutSeconds: number;
  /** Most requests in flight. */
  readonly connections: number;
  /** Done before the warm-up, as fast as the node answers over all connections. */
  readonly preload: readonly { readonly operation: KuboOperation; readonly count: number }[];
}

/** The target is a command that runs to its end; the trial is one run and the work is fixed. */
export interface BatchWorkload {
  readonly kind: 'batch';
  /** Arguments added after `target.args`. */
  readonly args: readonly string[];
  readonly withinSeconds: number;
}
/** Nothing is asked of the target; it is only watched. */
export interface IdleWorkload {
  readonly kind: 'idle';
}
/** What the target is made to do. */
export type WorkloadSpec = HttpWorkload | KuboWorkload | BatchWorkload | IdleWorkload;

/** How long each part of a trial takes. */
export interface Phases {
  readonly warmupSeconds: number;
  readonly settleSeconds: number;
  readonly measureSeconds: number;
  readonly drainSeconds: number;
}

/** Where runtime counters are read from inside the target. */
export type InsideSource = InsideProbe | 'none';
/** Which probes are used and how often. */
export interface Sampling {
  readonly outsideHz: number;
  readonly insideHz: number;
  /** `auto` takes the first that answers, in the order of the methodology. */
  readonly inside: InsideSource | 'auto';
  readonly paths: Readonly<Record<InsideProbe, string>>;
  /** Ask the runtime for GODEBUG=gctrace=1 and read it from stderr. */
  readonly gctrace: boolean;
}

/** Which pprof profiles are kept; never taken inside a window that counts. */
export interface Profiles {
  /** Every trial keeps the heap profile, read after its window. */
  readonly heap: boolean;
  /** One more trial of each cell, which does not count, keeps a delta `allocs` profile over its window. */
  readonly allocs: boolean;
}

/** When a completed trial does not count. */
export interface Validity {
  /** Least achieved ÷ intended requests. */
  readonly achievedRate: number;
  /** Most failed ÷ completed requests. */
  readonly errorRate: number;
  /** Most p99 lateness of the generator in seconds. */
  readonly latenessSeconds: number;
  /** GC cycles in the window under which there is a warning. */
  readonly cycles: number;
  /** Most relative drift of live heap and of RSS over the window. */
  readonly drift: number;
  /** How often a trial that the apparatus spoilt (not the target) is repeated at the end of its block. */
  readonly retries: number;
}

/** The levels of each factor. Every combination is a cell. */
export interface Matrix {
  readonly gogc: readonly Gogc[];
  readonly gomemlimit: readonly Gomemlimit[];
  readonly workload: readonly string[];
  /** A pilot at these levels of GOGC comes first and chooses further ones. */
  readonly auto?: true;
  /** The levels of GOGC that a pilot run has added, in the order in which they were chosen, and its id. */
  readonly chosen?: { readonly pilot: string; readonly levels: readonly number[] };
}

/** Blocks are added until the primary contrasts are known precisely enough, judged by the widths of their intervals alone. */
export interface AdaptiveBlocks {
  readonly min: number;
  /** Half-width of an interval relative to the baseline: 0.05 for ± 5 %. */
  readonly precision: number;
  /** After this no block is begun; undefined: no matter how long it takes. */
  readonly budgetSeconds: number | undefined;
}

/** One level of every factor. */
export interface Levels {
  readonly gogc: Gogc;
  readonly gomemlimit: Gomemlimit;
  readonly workload: string;
}

/** A whole experiment, checked, with defaults filled in and paths made absolute. */
export interface Experiment {
  readonly name: string;
  readonly description: string | undefined;
  readonly target: TargetSpec;
  readonly limits: Limits;
  readonly runner: 'auto' | RunnerName;
  /** GOMAXPROCS of the target; undefined: the CPU limit rounded up, else the number of its CPUs. */
  readonly gomaxprocs: number | undefined;
  readonly matrix: Matrix;
  /** The level of each factor that a contrast is against; `workload` is never part of it. */
  readonly baseline: { readonly gogc: Gogc; readonly gomemlimit: Gomemlimit };
  readonly workloads: Readonly<Record<string, WorkloadSpec>>;
  readonly phases: Phases;
  /** Blocks of the plan; where they are adaptive, the most. */
  readonly blocks: number;
  /** When the run may end before that; undefined: never. Runs made before there was such a rule have no such key. */
  readonly adaptive?: AdaptiveBlocks | undefined;
  readonly seed: number | undefined;
  readonly sampling: Sampling;
  readonly profiles: Profiles;
  readonly companion: Companion | undefined;
  readonly validity: Validity;
  readonly confidence: number;
  readonly primaries: readonly MetricId[];
  /** The smallest effect of interest, as a share of the baseline: 0.02 is 2 %. Undefined, as in older runs: any, however small. */
  readonly matters?: number | undefined;
  /** What must hold; undefined where nothing was asserted, as in runs made before there were assertions. */
  readonly assert?: readonly Assertion[] | undefined;
}
