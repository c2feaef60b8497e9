import type { Levels } from '../experiment/experiment.ts';
import { writeLevel } from '../experiment/plan/cell-selector.ts';
import type { MetricId } from '../metrics/metrics.ts';
import type { RunnerName } from '../experiment/runner-names.ts';
import type { Environment } from '../results/format.ts';

/** Version of a line of a history. 1: first. */
export const HISTORY_VERSION = 1;

/** What a run found, as one line of a history. */
export interface Night {
  readonly historyVersion: number;
  /** The run's id, by which a night that was recorded twice is known. */
  readonly run: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Name of the experiment. */
  readonly experiment: string;
  readonly toolVersion: string;
  readonly runner: RunnerName;
  /** The asked confidence of the intervals. */
  readonly confidence: number;
  /** Of what was built, where CI or git tells. */
  readonly commit?: string;
  readonly branch?: string;
  /** Address of the CI job. */
  readonly job?: string;
  /** Facts about the machine that bend figures. */
  readonly machine: Environment;
  readonly programs: readonly NightProgram[];
  /** The version that no change touches; absent where the experiment names none. */
  readonly canary?: string;
  /** The version that the others are held to in each night, such as that of the night before; absent where there is none. */
  readonly baseline?: string;
  /** What a gate judges of it: the smallest worsening that counts, as a share. */
  readonly gate: Readonly<Partial<Record<MetricId, number>>>;
  /** Without A/A cells. */
  readonly cells: readonly NightCell[];
}

/** A program that was run. */
export interface NightProgram {
  /** Its version, where versions are a factor. */
  readonly version?: string;
  readonly digest: string;
  readonly goVersion: string;
  /** The commit that the Go linker wrote into it. */
  readonly revision?: string;
}

/** What one cell came to. */
export interface NightCell {
  /** All its levels: the same cell has the same name every night, whatever varies beside it. */
  readonly cell: string;
  /** It ran the canary. */
  readonly canary?: boolean;
  /** It ran the baseline version: what changes in it has changed in the judged version before. */
  readonly baseline?: boolean;
  readonly metrics: Readonly<Partial<Record<MetricId, NightFigure>>>;
}

/** A number with its interval; null where none is attainable. */
export interface NightEstimate {
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly n: number;
}

/** A metric of a cell. */
export interface NightFigure extends NightEstimate {
  /** Standard deviation of the log ratio of two trials of one setting in one block (A/A); of the baseline, where it is known. */
  readonly noise?: number;
  /** The ratio to the canary's cell of the same levels, block by block. */
  readonly toCanary?: NightEstimate;
}

/** `gogc=100 gomemlimit=off workload=steady version=new`. */
export function cellName({ gogc, gomemlimit, workload, factors = {} }: Levels): string {
  return [
    `gogc=${writeLevel(gogc, 'gogc')}`,
    `gomemlimit=${writeLevel(gomemlimit, 'gomemlimit')}`,
    `workload=${workload}`,
    ...Object.entries(factors).map((one) => one.join('=')),
  ].join(' ');
}

/** Cells by what tells them apart: the terms that all of them share are left out. */
export function shortNames(cells: readonly string[]): ReadonlyMap<string, string> {
  const terms = cells.map((cell) => cell.split(' '));
  const shared = new Set((terms[0] ?? []).filter((term) => terms.every((own) => own.includes(term))));
  return new Map(
    cells.map((cell, i) => {
      const own = (terms[i] ?? []).filter((term) => !shared.has(term));
      return [cell, own.length === 0 ? (terms[i]?.[0] ?? cell) : own.join(' ')];
    }),
  );
}

/** What nights must share to be of one series: machines of another kind, or another way to run, have levels of their own. */
export function placeOfNight({ machine, runner }: Pick<Night, 'machine' | 'runner'>): string {
  const { cpuModel, cpuCount, architecture } = machine;
  // A simulated run has no machine.
  if (cpuModel === undefined && cpuCount === undefined && architecture === undefined) return runner;
  return `${cpuModel ?? 'unknown CPU'} × ${cpuCount ?? '?'}, ${architecture ?? 'unknown architecture'}, ${runner}`;
}
