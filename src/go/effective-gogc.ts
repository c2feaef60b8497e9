import type { GoFigures } from './counters.ts';
import { gogcFromGoal, HEAP_MINIMUM_BYTES, isLimited, SWEEP_DISTANCE_BYTES, UNLIMITED_BYTES } from './pacer.ts';
import type { Gogc, Gomemlimit } from './settings.ts';

const mebibyte = 2 ** 20;
/** Least live heap that tells: below the minimum heap the goal says nothing; twice that leaves room for the whole MiB of gctrace. */
const leastLiveBytes = 2 * HEAP_MINIMUM_BYTES;
/**
 * The heap that gctrace prints for a cycle's start is read a moment before the one that can push the goal up; large
 * objects that are allocated in between stay unseen. This much of a goal may be theirs.
 */
const unseenBytes = 2 * mebibyte;
/** What a goal may be off for reasons that are not known here; only a gap beyond this is called one. */
const slack = 0.15;
/** Fewer goals than this are no evidence. */
const leastGoals = 3;

/** What can show the GOGC in force, best first. */
export const GOGC_EVIDENCE = ['runtime-metrics', 'goal-over-live', 'gctrace'] as const;

/** What Go's runtime told, a reading at a time. */
export interface GoReading {
  readonly v: GoFigures;
}

/** The GOGC that is in force, as far as readings tell: somewhere from `low` to `high`. -1 is off. */
export interface GogcEvidence {
  readonly percent: number;
  readonly low: number;
  readonly high: number;
  readonly evidence: (typeof GOGC_EVIDENCE)[number];
}

/**
 * Finds the GOGC in force: as the runtime says it, else from goal and live heap of the same read, else from gctrace,
 * where the goal of one cycle is set by the live heap of the one before. Undefined where the heap is too small to tell,
 * and where a memory limit may set the goal instead. Where the runtime says several, `low` to `high` spans them.
 */
export function inferGogc(readings: readonly GoReading[], limit: Gomemlimit = 'off'): GogcEvidence | undefined {
  const said = readings.flatMap(({ v }) => v.gogcPercent ?? []);
  const last = said.at(-1);
  if (last !== undefined) {
    return { percent: last, low: Math.min(...said), high: Math.max(...said), evidence: 'runtime-metrics' };
  }
  if (readings.some(({ v }) => isLimited(limit, v.gomemlimitBytes))) return undefined;
  return settle(readings.flatMap(goalOverLive), 'goal-over-live') ?? settle(cyclePairs(readings), 'gctrace');
}

/** Compares what was asked with what was found; `ok` is undefined where nothing was found. */
export function verifyGogc(
  asked: Gogc,
  found: GogcEvidence | undefined,
): { readonly ok: boolean | undefined; readonly message: string } {
  if (found === undefined) return { ok: undefined, message: `cannot verify that GOGC=${asked} is in effect` };
  if (found.evidence === 'runtime-metrics' && found.low !== found.high) {
    const span = `${spoken(found.low)} to ${spoken(found.high)}`;
    return { ok: false, message: `the target changes GOGC while it runs: requested ${asked}, effective ${span}` };
  }
  const percent = asked === 'off' ? -1 : asked;
  const ok = percent >= found.low && percent <= found.high;
  const about = found.evidence === 'runtime-metrics' || found.percent < 0 ? '' : 'about ';
  return {
    ok,
    message: ok
      ? `GOGC=${asked} is in effect`
      : `the target overrides GOGC: requested ${asked}, effective ${about}${spoken(found.percent)}`,
  };
}

function spoken(percent: number): string {
  return percent < 0 ? 'off' : String(Math.round(percent));
}

/** What one goal says. */
export interface GoalBounds {
  readonly percent: number;
  readonly low: number;
  readonly high: number;
  /** The runtime may have pushed this goal above what GOGC asks for: then it says only how much GOGC can be at most. */
  readonly pushed: boolean;
}

function goalOverLive({ v }: GoReading): readonly GoalBounds[] {
  const { liveHeapBytes: live, nextGcBytes: goal } = v;
  const { scanStackBytes: stacks, scanGlobalsBytes: globals } = v;
  // Every Go that tells its live heap counts the roots in the goal: without them the quotient is no GOGC.
  if (live === undefined || goal === undefined || stacks === undefined || globals === undefined) return [];
  return bounds(live, goal, stacks + globals, 0);
}

/** What one reading's goal says of GOGC: with the live heap of the same read, or, of a line of gctrace, with that of the cycle before. */
export function goalBounds(reading: GoReading, cycleBefore: GoReading | undefined): GoalBounds | undefined {
  if (reading.v.cycle === undefined) return goalOverLive(reading)[0];
  return cycleBefore === undefined ? undefined : cyclePairs([cycleBefore, reading])[0];
}

function cyclePairs(readings: readonly GoReading[]): readonly GoalBounds[] {
  const cycles = readings.filter(({ v }) => v.cycle !== undefined);
  return cycles.flatMap(({ v }, i) => {
    const before = cycles[i - 1]?.v;
    if (before?.heapLiveBytes === undefined || v.heapGoalBytes === undefined || before.cycle !== (v.cycle ?? 0) - 1)
      return [];
    const roots = (before.stacksBytes ?? 0) + (before.globalsBytes ?? 0);
    return bounds(before.heapLiveBytes, v.heapGoalBytes, roots, mebibyte, v.heapStartBytes);
  });
}

/**
 * goal = live + (live + roots)·g, solved for g: as it stands, and the least and the most it can have been where all
 * values were cut to a multiple of `grain` bytes. Before Go 1.18 roots did not count and are not shown either. A goal
 * is pushed up while sweeping is unfinished, and where a large allocation starts the cycle beyond it: then it is set
 * to the start and 64 KiB.
 */
function bounds(live: number, goal: number, roots: number, grain: number, start = 0): readonly GoalBounds[] {
  if (goal >= UNLIMITED_BYTES) return [{ percent: -1, low: -1, high: -1, pushed: false }];
  if (live < leastLiveBytes || goal < live) return [];
  const unseen = grain === 0 ? 0 : unseenBytes;
  const low = (100 * (goal - live - grain - unseen)) / (live + roots + 3 * grain);
  const high = (100 * (goal + grain - live)) / (live + roots);
  return [
    {
      percent: gogcFromGoal(goal, live, roots),
      low: Math.max(0, low * (1 - slack)),
      high: high * (1 + slack),
      pushed: goal - live <= SWEEP_DISTANCE_BYTES + grain || goal - start <= grain,
    },
  ];
}

/** The middle of what firm goals say; where they are too few, the least that all of them say. */
function settle(goals: readonly GoalBounds[], evidence: GogcEvidence['evidence']): GogcEvidence | undefined {
  const firm = goals.filter(({ pushed }) => !pushed);
  if (firm.length >= leastGoals) {
    const middle = (key: 'percent' | 'low' | 'high'): number =>
      firm.map((one) => one[key]).toSorted((a, b) => a - b)[Math.floor(firm.length / 2)] as number;
    return { percent: middle('percent'), low: middle('low'), high: middle('high'), evidence };
  }
  if (goals.length < leastGoals) return undefined;
  const least = (key: 'percent' | 'high'): number => Math.min(...goals.map((one) => one[key]));
  return { percent: least('percent'), low: Math.min(0, least('percent')), high: least('high'), evidence };
}
