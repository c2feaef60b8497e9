import type { Gogc } from '../experiment/experiment.ts';
import type { Effective, Reading } from '../results/format.ts';

const mebibyte = 2 ** 20;
/** The runtime's least heap goal at GOGC=100, in proportion elsewhere (Go src/runtime/mgcpacer.go). */
const minimumHeapBytes = 4 * mebibyte;
/** Below this live heap the whole MiB of gctrace, and roots that are not shown, say too little. */
const leastLiveBytes = 16 * mebibyte;
/** The goal moves while sweeping is unfinished and when the pacer overshoots; only a gap beyond this is called one. */
const slack = 0.15;

/** The GOGC that is in force, as far as readings tell: somewhere from `low` to `high`. -1 is off. */
export interface GogcEvidence {
  readonly percent: number;
  readonly low: number;
  readonly high: number;
  readonly evidence: NonNullable<Effective['gogcEvidence']>;
}

/**
 * Finds the GOGC in force: as the runtime says it, else from goal and live heap of the same read, else from gctrace,
 * where the goal of one cycle is set by the live heap of the one before. Undefined where the heap is too small to tell.
 */
export function inferGogc(readings: readonly Reading[]): GogcEvidence | undefined {
  const said = readings.findLast(({ v }) => v.gogcPercent !== undefined)?.v.gogcPercent;
  if (said !== undefined) return { percent: said, low: said, high: said, evidence: 'runtime-metrics' };
  return middle(readings.flatMap(goalOverLive), 'goal-over-live') ?? middle(cyclePairs(readings), 'gctrace');
}

/** Compares what was asked with what was found; `ok` is undefined where nothing was found. */
export function verifyGogc(
  asked: Gogc,
  found: GogcEvidence | undefined,
): { readonly ok: boolean | undefined; readonly message: string } {
  if (found === undefined) return { ok: undefined, message: `nothing shows whether GOGC=${asked} is in force` };
  const percent = asked === 'off' ? -1 : asked;
  const ok = percent >= found.low && percent <= found.high;
  const effective = found.percent < 0 ? 'off' : String(Math.round(found.percent));
  return {
    ok,
    message: ok ? `GOGC=${asked} is in force` : `the target overrides GOGC: asked ${asked}, effective ${effective}`,
  };
}

type Range = readonly [percent: number, low: number, high: number];

function goalOverLive({ v }: Reading): readonly Range[] {
  const { liveHeapBytes: live, nextGcBytes: goal } = v;
  if (live === undefined || goal === undefined) return [];
  const roots = (v.scanStackBytes ?? 0) + (v.scanGlobalsBytes ?? 0);
  return range(live, goal, roots, 0);
}

function cyclePairs(readings: readonly Reading[]): readonly Range[] {
  const cycles = readings.filter(({ v }) => v.cycle !== undefined);
  return cycles.flatMap(({ v }, i) => {
    const before = cycles[i - 1]?.v;
    if (before?.heapLiveBytes === undefined || v.heapGoalBytes === undefined || before.cycle !== (v.cycle ?? 0) - 1)
      return [];
    return range(
      before.heapLiveBytes,
      v.heapGoalBytes,
      (before.stacksBytes ?? 0) + (before.globalsBytes ?? 0),
      mebibyte,
    );
  });
}

/** goal = live + (live + roots)·g, solved for g between the least and the most that values cut to `grain` can have been. */
function range(live: number, goal: number, roots: number, grain: number): readonly Range[] {
  if (live < leastLiveBytes || goal <= live) return [];
  const percent = (100 * (goal - live)) / (live + roots);
  // Where the goal is the least heap, it says nothing of GOGC.
  if (goal <= (minimumHeapBytes * percent * 1.05) / 100) return [];
  const low = (100 * (goal - live - grain)) / (live + roots + 3 * grain);
  const high = (100 * (goal + grain - live)) / (live + roots);
  return [[percent, low * (1 - slack), high * (1 + slack)]];
}

/** The middle of what single readings say; undefined where there are fewer than three of them. */
function middle(ranges: readonly Range[], evidence: GogcEvidence['evidence']): GogcEvidence | undefined {
  if (ranges.length < 3) return undefined;
  const at = (index: 0 | 1 | 2): number =>
    ranges.map((one) => one[index]).toSorted((a, b) => a - b)[Math.floor(ranges.length / 2)] ?? NaN;
  return { percent: at(0), low: at(1), high: at(2), evidence };
}
