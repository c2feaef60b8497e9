import type { Gogc, Gomemlimit } from '../../experiment/experiment.ts';
import type { CellAnalysis } from '../analysis.ts';
import { leastLimitBytes } from '../per-trial/limit-need.ts';

const MIB = 2 ** 20;
/** Of the container's memory, left for what the runtime does not know of: the upper end of what the Go documentation advises. */
const HEADROOM = 0.1;
/** A limit is called one that does not bind from so many times the largest need that was read: windows of seconds miss peaks. */
const MARGIN = 2;

/** What is asked of a memory limit. */
export interface MemoryLimitQuestion {
  /** What the container may hold in all; the experiment's own limit where this is undefined. */
  readonly containerBytes?: number | undefined;
  /** A GOMEMLIMIT to judge, instead of one derived from the container's memory. */
  readonly gomemlimitBytes?: number | undefined;
}

/** A GOMEMLIMIT beside a setting that was measured without one, or why none is given. */
export type MemoryLimit =
  | MemoryLimitAdvice
  | { readonly kind: 'measured'; readonly gomemlimitBytes: number }
  | {
      readonly kind: 'none';
      /**
       * `no-readings`: some trial does not show what the pacer works with; `no-container`: nothing to derive a limit
       * from; `no-room`: the container has no room for it.
       */
      readonly reason: 'gogc-off' | 'no-readings' | 'no-container' | 'no-room';
    };

/** A GOMEMLIMIT held against every reading of the setting. It was not measured. */
export interface MemoryLimitAdvice {
  readonly kind: 'advice';
  readonly gomemlimitBytes: number;
  /** Where the limit comes from: the container's memory downwards, or it was asked for. */
  readonly from: 'experiment' | 'flag' | 'asked';
  /** Undefined for one that was asked for. */
  readonly containerBytes: number | undefined;
  /** Share of the container's memory that was left free. */
  readonly headroom: number;
  /** Largest resident memory outside of Go in any trial. */
  readonly outsideBytes: number;
  /**
   * `unbound`: no reading of any trial would have met it, with room to spare; `close`: none would have, but the room is
   * less than `margin`; `binds`: some trial would have.
   */
  readonly verdict: 'unbound' | 'close' | 'binds';
  readonly margin: number;
  /** The least limit that changes nothing in any reading of any trial. */
  readonly needBytes: number;
  /** Trials of the setting, A/A trials and all workloads included, and those that would have met the limit. */
  readonly trials: number;
  readonly binding: number;
  readonly readings: number;
  /** Length of the longest trial, from its first reading to its last. */
  readonly seconds: number;
}

/**
 * A GOMEMLIMIT for a setting, from the container's memory downwards as the Go documentation has it: less 10 % for what
 * the runtime does not know of, less what is resident outside of Go. Whether it would have bound is told by every
 * reading of every trial of the setting, of all workloads and A/A trials too; where one trial has none, no limit is given.
 */
export function memoryLimitOf(
  cells: readonly CellAnalysis[],
  limitBytes: number | undefined,
  question: MemoryLimitQuestion = {},
): MemoryLimit {
  const [first] = cells;
  if (first !== undefined && first.levels.gomemlimit !== 'off') {
    return { kind: 'measured', gomemlimitBytes: first.levels.gomemlimit };
  }
  // Without GOGC the limit alone makes the collector run: it decides everything, and has to be measured.
  if (first === undefined || first.levels.gogc === 'off') return { kind: 'none', reason: 'gogc-off' };
  const needs = cells.flatMap(({ limitNeed }) => limitNeed ?? []);
  const least = needs.map(leastLimitBytes);
  // A document of an older version has no needs although it has trials.
  const untold = cells.some(({ limitNeed, attempted }) => (limitNeed?.length ?? 0) < attempted);
  if (untold || needs.length === 0 || least.includes(undefined)) return { kind: 'none', reason: 'no-readings' };
  const outsideBytes = Math.max(0, ...needs.map((need) => need.outsideBytes ?? 0));
  const asked = question.gomemlimitBytes;
  const containerBytes = asked === undefined ? (question.containerBytes ?? limitBytes) : undefined;
  if (asked === undefined && containerBytes === undefined) return { kind: 'none', reason: 'no-container' };
  const gomemlimitBytes = asked ?? MIB * Math.floor(((containerBytes ?? 0) * (1 - HEADROOM) - outsideBytes) / MIB);
  if (gomemlimitBytes <= 0) return { kind: 'none', reason: 'no-room' };
  const binding = least.filter((bytes) => gomemlimitBytes < (bytes ?? 0)).length;
  const needBytes = Math.max(...least.map((bytes) => bytes ?? 0));
  return {
    kind: 'advice',
    gomemlimitBytes,
    from: asked !== undefined ? 'asked' : question.containerBytes === undefined ? 'experiment' : 'flag',
    containerBytes,
    headroom: HEADROOM,
    outsideBytes,
    verdict: binding > 0 ? 'binds' : gomemlimitBytes < MARGIN * needBytes ? 'close' : 'unbound',
    margin: MARGIN,
    needBytes,
    trials: needs.length,
    binding,
    readings: needs.reduce((sum, { readings }) => sum + readings, 0),
    seconds: Math.max(...needs.map(({ seconds }) => seconds)),
  };
}

/** All cells of one setting: of every workload, the A/A cells among them. */
export function cellsOfSetting(
  { gogc, gomemlimit }: { readonly gogc: Gogc; readonly gomemlimit: Gomemlimit },
  workloads: readonly { readonly cells: readonly CellAnalysis[] }[],
): readonly CellAnalysis[] {
  return workloads.flatMap(({ cells }) =>
    cells.filter(({ levels }) => levels.gogc === gogc && levels.gomemlimit === gomemlimit),
  );
}
