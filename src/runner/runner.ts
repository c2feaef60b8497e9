import type { Limits, ServiceSource } from '../experiment/experiment.ts';
import type { RealRunnerName } from '../experiment/runner-names.ts';
import type { Warning } from '../metrics/warning.ts';
import type { Environment, Exit, OutputLine } from '../results/format.ts';
import type { EnvironmentError } from '../errors.ts';
import type { Artifact } from '../target/artifact.ts';

/** What a look at one part of the machine found. */
export interface Check {
  /** Stable kebab-case id, for example `docker-engine`. */
  readonly id: string;
  readonly status: 'ok' | 'warn' | 'fail' | 'unknown' | 'skipped';
  /** One line: what was found. */
  readonly message: string;
  /** What to do, where something can be done. */
  readonly remedy?: string;
}

/** Everything a runner needs to start a target once. */
export interface LaunchRequest {
  readonly runId: string;
  readonly trialId: string;
  readonly artifact: Artifact;
  /** argv after the program; `{host}`, `{port}`, `{port:NAME}`, `{work}`, `{data}` are filled in by the runner, here and in `env`. */
  readonly args: readonly string[];
  /** The whole environment of the target but for what the runner itself must add; holds GOGC, GOMAXPROCS, GODEBUG … May hold secrets. */
  readonly env: Readonly<Record<string, string>>;
  /** What `${NAME}` in `env` stands for; without it there is none. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly port: number | 'auto' | undefined;
  /** Further ports by name. */
  readonly ports: Readonly<Record<string, number | 'auto'>>;
  /** The unix socket that it serves on in place of the port; its path begins with `{data}`. */
  readonly unix?: string | undefined;
  readonly limits: Limits;
  /** CPUs the target may run on, as `taskset` lists (`0` or `0-1,3`); undefined: any. */
  readonly cpuset: string | undefined;
  /** The run's scratch folder, for `{work}`; mounted read-only in containers. */
  readonly workDirectory: string | undefined;
  /** This instance's own folder, for `{data}`; mounted writable in containers. */
  readonly dataDirectory: string | undefined;
  /** On the network of its run, beside others of it, without a way out; else alone. */
  readonly together: boolean;
  /** Of a service: what others in containers call it, and whom it runs as. It need not be a Go program. */
  readonly service?: { readonly name: string; readonly user: string | undefined };
  /** Where it reaches the services that run already, for `{service:NAME}`. */
  readonly services?: Services;
  /** Longest line of its output that is kept, in UTF-16 units; absent: as of a target. */
  readonly lineLength?: number;
  /** Called before it starts, when its ports are known, with what fills the placeholders of a text. */
  readonly beforeStart?: (fill: (text: string) => string) => Promise<void>;
}

/** Where a program reaches another one. */
export interface Reached {
  readonly host: string;
  readonly port: number | undefined;
  /** Further ports by name. */
  readonly ports: Readonly<Record<string, number>>;
}

/** Where a program reaches each service, by name. */
export type Services = Readonly<Record<string, Reached>>;

/** A host and port on this machine, or a unix socket. */
export interface Address {
  readonly host: string;
  readonly port: number;
  /** Path of the socket; then host and port are what requests say. */
  readonly socketPath?: string;
}

/** A started target. Disposing it stops it (SIGTERM, a grace period, SIGKILL) and removes everything of it; it may be done twice. */
export interface Daemon extends AsyncDisposable {
  /** Where it can be reached; undefined where it serves no port. */
  readonly address: Address | undefined;
  /** Where its further ports can be reached, by name. */
  readonly addresses: Readonly<Record<string, Address>>;
  /** Where others of its run that the same runner started reach it; undefined where it is alone. */
  readonly inside: Reached | undefined;
  /** The Go process itself as this machine numbers it; undefined where this machine cannot see it (Docker Desktop) or it has ended. */
  readonly pid: number | undefined;
  /** Absolute folders of its cgroup, where it has one of its own. v2: the same folder for all. */
  readonly cgroup:
    | {
        readonly version: 1 | 2;
        readonly memory: string;
        readonly cpu: string;
        readonly cpuacct: string;
        /** It was there before the target, as a pod's container is: the greatest of its figures may be of an earlier trial. */
        readonly isOlder?: true;
      }
    | undefined;
  /** For the stats API: one one-shot read of the engine's figures, where the runner is an engine. */
  readonly engineStats: ((signal: AbortSignal) => Promise<unknown>) | undefined;
  /** When its process began, Unix seconds, where that is known. */
  readonly startUnixSeconds: number | undefined;
  /** Its lines as they come; ends when it has ended. One consumer only. */
  readonly output: AsyncIterable<OutputLine>;
  /** Resolves when it has ended, whoever ended it; never rejects. */
  readonly exited: Promise<Exit>;
  /**
   * What has happened to its surroundings, asked when a trial of it did not complete: its container was removed or paused by
   * hand, its network taken away, its engine gone. Undefined where nothing speaks against the target itself being at fault. Never rejects.
   */
  fault(): Promise<EnvironmentError | undefined>;
  /** Asks it to end, waits at most the grace period, then kills it. Resolves with how it ended. */
  stop(graceSeconds: number): Promise<Exit>;
}

/** Something of ours that an earlier, killed gctune left behind. */
export interface Leftover {
  readonly kind: 'container' | 'image' | 'network' | 'process' | 'cgroup' | 'directory' | 'job';
  readonly id: string;
  readonly runId: string;
  /** CPUs on which it runs now, as taskset lists them; for processes. */
  readonly cpus?: string;
}

/** A leftover that is gone now, unless there is a problem. */
export interface Reaped extends Leftover {
  /** Why it is still there. */
  readonly problem?: string;
}

/** What obtaining a target needs of its surroundings. */
export interface ObtainContext {
  readonly env: NodeJS.ProcessEnv;
  /** What builds it, as a level of `toolchain`; absent: the go on the PATH. */
  readonly toolchain?: string | undefined;
  readonly signal: AbortSignal;
  readonly onProgress: (line: string) => void;
  /** Whether it may be something else than a Go program, as a service may. */
  readonly anyProgram?: boolean;
}

/** A place to run targets. */
export interface Runner {
  readonly name: RealRunnerName;
  /** A guess of what a trial costs beyond its phases, in seconds; for the first forecast only. */
  readonly overheadSeconds: number;
  /** For `doctor`: everything that its trials depend on. Never throws. */
  check(): Promise<readonly Check[]>;
  /** Before a run: can it be used at all? `why` is one line for people either way. Never throws. */
  usable(withinSeconds: number): Promise<{ readonly failed?: Check | undefined; readonly why: string }>;
  /** What the run's manifest tells of it besides the facts of this machine. */
  environment(): Promise<Environment>;
  /** Builds, finds or pulls a target in the form that it starts. Throws UserError or EnvironmentError where it cannot be had, is not a Go program, or was built for something else than what it would run on. */
  obtain(source: ServiceSource, context: ObtainContext): Promise<Artifact>;
  /** The path at which the target sees its data folder, which is `directory` on this machine. */
  dataPath(directory: string): string;
  /** Makes sure that the limits and the placement can be had, before anything is started. Throws EnvironmentError where a required one cannot; returns warnings where an optional one cannot. */
  admit(limits: Limits, cpuset: string | undefined): Promise<readonly Warning[]>;
  /** Brings the artifact where the runner can start it (docker: the FROM scratch image). Called once a run; dispose removes what it made. */
  prepare(artifact: Artifact, runId: string, signal: AbortSignal): Promise<AsyncDisposable>;
  /** After a fault of the machine: makes again what `prepare` made, where it is gone, and removes what earlier trials of the run left. Throws EnvironmentError while the fault lasts. */
  restore(artifact: Artifact, runId: string, signal: AbortSignal): Promise<void>;
  /** Starts the target. Throws EnvironmentError (`port-in-use`, `docker-unreachable`, `wrong-architecture` …). */
  launch(request: LaunchRequest, signal: AbortSignal): Promise<Daemon>;
  /** What `reap` would remove, found without touching it. Takes no longer than so; what could not be looked at by then is left out. Never throws. */
  leftovers(withinSeconds: number): Promise<readonly Leftover[]>;
  /** Removes what killed runs left behind; with a run id only of that run, else of every run whose gctune is no longer alive. */
  reap(runId?: string): Promise<readonly Reaped[]>;
}
