import type { Assertion } from './assert/assertion.ts';
import type { Factor, FactorLevels } from './factors.ts';
import type { Gogc, Gomemlimit } from '../go/settings.ts';
import type { MetricId } from '../metrics/metrics.ts';
import type { ContainerSettings } from './schema/container.ts';
import type { AdaptiveBlocks, Sections } from './schema/schema.ts';
import type { SimulatedTarget } from './schema/simulated.ts';
import type { DataFile, PrepareStep, Readiness } from './schema/target.ts';

export type { Gogc, Gomemlimit };
export type { AdaptiveBlocks, AutoWarmup, Phases, Sampling, Validity } from './schema/schema.ts';
export type { SimulatedTarget } from './schema/simulated.ts';
export type { DataFile, Limits, PrepareStep, Readiness } from './schema/target.ts';
export type { CommandWorkload } from './workloads/command.ts';
export type { ContainerSettings } from './schema/container.ts';
export type { HttpWorkload, RequestTemplate } from './workloads/http.ts';
export type { WorkloadSpec } from './workloads/kinds.ts';
export type { KuboOperation, KuboWorkload, SizeRange } from './workloads/kubo.ts';
export type { Rate } from './workloads/load.ts';
export type { ReplayWorkload } from './workloads/replay.ts';

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
  | { readonly kind: 'image'; readonly reference: string; readonly container?: ContainerSettings | undefined }
  | {
      readonly kind: 'dockerfile';
      readonly file: string;
      readonly context: string;
      readonly container?: ContainerSettings | undefined;
    }
  | { readonly kind: 'simulated'; readonly model: SimulatedTarget };

/** A target that there is a program of. */
export type RealTargetSource = Exclude<TargetSource, { readonly kind: 'simulated' }>;

/** A `replace` line of the go.mod that a module is built in; `to` is `module@version` or an absolute folder. */
export interface ModuleReplace {
  readonly from: string;
  readonly to: string;
}

/** Where a service comes from; it need not be a Go program. */
export type ServiceSource =
  | RealTargetSource
  /** A program by its name in PATH or its absolute path. */
  | { readonly kind: 'command'; readonly program: string };

/** What a program is started with. */
export interface ProgramSpec {
  /** argv after the program; `{host}`, `{port}` and `{work}` are filled in by the runner. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The port it serves on; `auto` lets the process runner choose a free one; undefined where it serves none. */
  readonly port: number | 'auto' | undefined;
  /** Further ports by name. */
  readonly ports: Readonly<Record<string, number | 'auto'>>;
  readonly ready: Readiness | undefined;
  readonly prepare: readonly PrepareStep[];
  /** What of the experiment's folder is copied into the data folder. */
  readonly files: readonly DataFile[];
  /** Whether `{data}` stands anywhere: then each trial gets a folder of its own, a fresh copy of what the steps prepared. */
  readonly data: boolean;
}

/** The program under test. */
export interface TargetSpec extends ProgramSpec {
  /** Where it is from; where there are versions, that of the baseline. */
  readonly source: TargetSource;
  /** The unix socket that requests are sent to in place of the port; its path begins with `{data}`. Older runs have none. */
  readonly unix?: string | undefined;
  /** The programs that the levels of `version` name; absent where there is one program. */
  readonly versions?: Readonly<Record<string, TargetSource>>;
  /** What a package or module is built with, as a level of `toolchain` says it; absent: the go on the PATH. */
  readonly toolchain?: string;
}

/** A program that the target needs beside it. */
export interface ServiceSpec extends ProgramSpec {
  readonly source: ServiceSource;
  /** `trial`: started fresh before the target of each; `run`: once. */
  readonly start: 'trial' | 'run';
  /** Whom it runs as where gctune is root, and in a container; undefined: as the target does. */
  readonly user: string | undefined;
}

/** The levels of each factor. Every combination is a cell, apart from those that `include` and `exclude` leave out. */
export interface Matrix {
  readonly gogc: readonly Gogc[];
  readonly gomemlimit: readonly Gomemlimit[];
  readonly workload: readonly string[];
  /** The factors beside those, in the order of the file; absent where there are none. */
  readonly factors?: readonly Factor[];
  /** Selectors, of which a cell must fit one; absent: all combinations are cells. */
  readonly include?: readonly string[];
  /** Selectors, of which a cell may fit none. */
  readonly exclude?: readonly string[];
  /** A pilot at these levels of GOGC comes first and chooses further ones. */
  readonly auto?: true;
  /** The levels of GOGC that a pilot run has added, in the order in which they were chosen, and its id. */
  readonly chosen?: { readonly pilot: string; readonly levels: readonly number[] };
}

/** One level of every factor. */
export interface Levels {
  readonly gogc: Gogc;
  readonly gomemlimit: Gomemlimit;
  readonly workload: string;
  /** Of the further factors; absent where there are none, as in older runs. */
  readonly factors?: FactorLevels;
}

/** A whole experiment, checked, with defaults filled in and paths made absolute. */
export interface Experiment extends Sections {
  readonly target: TargetSpec;
  /** What it needs beside it, in the order in which they are started. Runs made before there were services have none. */
  readonly services: Readonly<Record<string, ServiceSpec>>;
  readonly matrix: Matrix;
  /** The level of each factor that a contrast is against; `workload` is never part of it. */
  readonly baseline: { readonly gogc: Gogc; readonly gomemlimit: Gomemlimit };
  /** Blocks of the plan; where they are adaptive, the most. */
  readonly blocks: number;
  /** When the run may end before that; undefined: never. Runs made before there was such a rule have no such key. */
  readonly adaptive?: AdaptiveBlocks | undefined;
  readonly primaries: readonly MetricId[];
  /** The smallest effect of interest, as a share of the baseline: 0.02 is 2 %. Undefined, as in older runs: any, however small. */
  readonly matters?: number | undefined;
  /** What must hold; undefined where nothing was asserted, as in runs made before there were assertions. */
  readonly assert?: readonly Assertion[] | undefined;
  /** The version that no change touches: what moves in it is the machine. */
  readonly canary?: string | undefined;
  /** What a gate judges, with the smallest worsening that counts as a share; undefined: the usual metrics. */
  readonly gate?: Readonly<Partial<Record<MetricId, number | undefined>>> | undefined;
}
