import type { WorkDone } from '../results/format.ts';
import type { Address, LaunchRequest, Reached, Runner, Services } from '../runner/runner.ts';

/** What a workload needs to know to begin. */
export interface LoadRequest {
  /** Where the load reaches the target. A promise lets the generator's process start while the target does. */
  readonly address: Address | undefined | Promise<Address | undefined>;
  /** The services of the experiment, by name. */
  readonly services?: Promise<ServiceAddresses>;
  readonly seed: number;
  /** Where the load reaches the target's further ports, by name; to be asked for once the address is there. */
  readonly addresses?: () => Readonly<Record<string, Address>>;
  /** Where the load reaches the services, by name; to be asked for once the address is there. */
  readonly reached?: () => Services;
  /** What a workload needs that is done by a program of the user's. */
  readonly program?: LoadProgramPlace;
  /** How long the trial takes, for what comes at times of its own; undefined: nobody knows. */
  readonly timing?: LoadTiming;
  /** CPUs for the generator's own process, as `taskset` lists; undefined: any. */
  readonly cpuset: string | undefined;
}

/** How long the phases of a trial take at most, from the first arrival on. */
export interface LoadTiming {
  readonly windowAtSeconds: number;
  readonly totalSeconds: number;
}

/** Where services can be reached. */
export type ServiceAddresses = Readonly<
  Record<
    string,
    {
      /** From this machine; undefined where it serves no port. */
      readonly outside: Address | undefined;
      /** From the target. */
      readonly inside: Reached;
    }
  >
>;

/** What makes a load: a file of this machine, or an image and who starts it. */
export type LoadProgram =
  | { readonly path: string; readonly image?: undefined }
  | {
      readonly path?: undefined;
      readonly image: { readonly runner: Runner; readonly artifact: LaunchRequest['artifact'] };
    };

/** A load program that was found or built, and what its runs are told. */
export interface LoadProgramPlace {
  readonly program: LoadProgram;
  readonly runId: string;
  readonly trialId: string;
  /** The folder of the experiment's file. */
  readonly directory: string;
  /** A folder for the reports, which only this user can look into. */
  readonly reports: string;
  /** What `{seconds}` stands for. */
  readonly seconds: number;
  /** What `{work}` stands for. */
  readonly workDirectory: string | undefined;
  /** What `${NAME}` in its environment stands for. */
  readonly variables: Readonly<Record<string, string>>;
}

/** A load program that did not do its work, with its last lines. Untrusted text. */
export class LoadFault extends Error {
  readonly lines: readonly string[];
  constructor(message: string, lines: readonly string[]) {
    super(message);
    this.lines = lines;
  }
}

/** What a preload did. */
export interface PreloadDone {
  readonly seconds: number;
  readonly requests: number;
  readonly errors: Readonly<Record<string, number>>;
}

/** Load that is under way. Disposing it stops the load and its process. */
export interface RunningLoad extends AsyncDisposable {
  /** Fills the target before the arrivals begin; undefined where the workload has nothing to fill it with. Rejects with EnvironmentError `preload-failed` where that cannot be done at all. */
  readonly preload: (() => Promise<PreloadDone>) | undefined;
  /** The arrivals begin: the warm-up. */
  begin(): Promise<void>;
  /** Of a load that ends by itself: makes one run of it, from its start to its end. Rejects with LoadFault where it does not do its work. */
  readonly run?: () => Promise<void>;
  /** The measured window begins: counts start at zero, arrivals and requests anew from the seed. */
  openWindow(): Promise<void>;
  /** The window ends: no new arrivals count; waits at most `drainSeconds` for those in flight. */
  closeWindow(drainSeconds: number): Promise<WorkDone>;
  /** Resolves with an error if the generator itself dies. Never rejects; never resolves otherwise. */
  readonly broken: Promise<Error>;
}

/** Makes a target work. */
export interface Workload {
  start(request: LoadRequest, signal: AbortSignal): Promise<RunningLoad>;
}
