import type { GoEnvironment } from '../../go/environment.ts';
import { gogcFromGoal, gogcGoal, leastLimitFor, limitGoal, UNLIMITED_BYTES } from '../../go/pacer.ts';
import { committedBytes } from '../../go/memstats.ts';
import { gogcInGo, gomemlimitInGo, type Gogc, type Gomemlimit } from '../../go/settings.ts';
import type { Reading } from '../../results/format.ts';

/** A value in force, and who says so: the runtime, or only the environment, which the program may have overruled since. */
export interface Told<T> {
  readonly value: T;
  readonly by: 'runtime' | 'environment';
}

/**
 * `room`: GOGC sets the heap goal. `binds`: the limit sets it. `thrashes`: the limit leaves so little that the collector
 * runs all the time. `unknown`: there is a limit, and too little is known to say.
 */
export type LimitVerdict = 'none' | 'room' | 'binds' | 'thrashes' | 'unknown';

/** The settings that are in force in a process, and what they come to. */
export interface InForce {
  readonly environment?: GoEnvironment | undefined;
  readonly gogc?: Told<Gogc> | undefined;
  readonly gomemlimit?: Told<Gomemlimit> | undefined;
  readonly gomaxprocs?: Told<number> | undefined;
  /** The GOGC that the goal amounts to, whoever set it. */
  readonly effectiveGogc?: number | undefined;
  /** The cycle in which the collector's CPU limiter was last on (0: never), and the cycle of the reading. */
  readonly limiter?: { readonly lastCycle: number; readonly cycle: number | undefined } | undefined;
  readonly limit: LimitVerdict;
  /** What Go holds of the system, and the heap goals: of now, and what the limit and GOGC would each set alone. */
  readonly goBytes?: number | undefined;
  readonly liveBytes?: number | undefined;
  readonly goalBytes?: number | undefined;
  readonly limitGoalBytes?: number | undefined;
  /** The least GOMEMLIMIT under which GOGC would set the goal with the heap as it is. */
  readonly roomyLimitBytes?: number | undefined;
}

/** A goal may be off what the limit makes of the figures of one read by so much: they move while they are read. */
const GOAL_SLACK = 0.03;
const GOAL_SLACK_BYTES = 2 * 2 ** 20;
/** A collector that may let the heap grow by less than this, in percent, before it begins again, hardly does anything else. */
const THRASHING_GOGC = 10;
/** The limiter was on so few cycles ago that it is about now. */
const RECENT_CYCLES = 10;

/** What is in force, from one read of the counters and the environment of the process, as far as they tell. */
export function settingsInForce(v: Reading['v'], environment: GoEnvironment | undefined): InForce {
  const gogc = told<Gogc>(
    v.gogcPercent === undefined ? undefined : v.gogcPercent < 0 ? 'off' : v.gogcPercent,
    environment && gogcInGo(environment.GOGC ?? '').gogc,
  );
  const gomemlimit = told<Gomemlimit>(
    v.gomemlimitBytes === undefined ? undefined : v.gomemlimitBytes >= UNLIMITED_BYTES ? 'off' : v.gomemlimitBytes,
    environment && gomemlimitInGo(environment.GOMEMLIMIT ?? ''),
  );
  const procs = /^\d{1,6}$/.test(environment?.GOMAXPROCS ?? '') ? Number(environment?.GOMAXPROCS) : undefined;
  const { liveHeapBytes: live, nextGcBytes: goal, scanStackBytes: stacks, scanGlobalsBytes: globals } = v;
  const roots = (stacks ?? 0) + (globals ?? 0);
  const effectiveGogc =
    live === undefined || goal === undefined || live === 0 || goal >= UNLIMITED_BYTES
      ? undefined
      : Math.max(0, gogcFromGoal(goal, live, roots));
  const limiter = v.limiterLastCycle === undefined ? undefined : { lastCycle: v.limiterLastCycle, cycle: v.numGc };
  const known = {
    environment,
    gogc,
    gomemlimit,
    gomaxprocs: told(v.gomaxprocs, procs),
    effectiveGogc,
    limiter,
    goBytes: committedBytes(v),
    liveBytes: live,
    goalBytes: goal,
  };
  const limit = gomemlimit?.value;
  if (limit === undefined || limit === 'off') return { ...known, limit: limit === 'off' ? 'none' : 'unknown' };
  const allows = limitAllows(v, limit);
  const alone =
    live === undefined || gogc === undefined || gogc.value === 'off' ? undefined : gogcGoal(live, roots, gogc.value);
  return {
    ...known,
    limit: verdictOn(goal, allows?.goalBytes, effectiveGogc, limiter),
    limitGoalBytes: allows?.goalBytes,
    roomyLimitBytes: alone === undefined || allows === undefined ? undefined : leastLimitFor(alone) + allows.otherBytes,
  };
}

function told<T>(runtime: T | undefined, environment: T | undefined): Told<T> | undefined {
  if (runtime !== undefined) return { value: runtime, by: 'runtime' };
  return environment === undefined ? undefined : { value: environment, by: 'environment' };
}

/** The heap goal that the limit leaves (src/runtime/mgcpacer.go, memoryLimitHeapGoal), before it is raised to the live heap. */
function limitAllows(
  v: Reading['v'],
  limit: number,
): { readonly goalBytes: number; readonly otherBytes: number } | undefined {
  const { heapIdleBytes: idle, heapReleasedBytes: released, heapAllocBytes: objects } = v;
  const mapped = committedBytes(v);
  if (mapped === undefined || idle === undefined || released === undefined || objects === undefined) return undefined;
  const otherBytes = mapped - (idle - released) - objects;
  return { goalBytes: limitGoal(limit, otherBytes + Math.max(0, mapped - limit)), otherBytes };
}

function verdictOn(
  goal: number | undefined,
  allowed: number | undefined,
  effectiveGogc: number | undefined,
  limiter: InForce['limiter'],
): LimitVerdict {
  const { lastCycle = 0, cycle = Infinity } = limiter ?? {};
  if (lastCycle > 0 && cycle - lastCycle <= RECENT_CYCLES) return 'thrashes';
  if (goal === undefined || allowed === undefined) return 'unknown';
  const slack = Math.max(GOAL_SLACK_BYTES, GOAL_SLACK * goal);
  if (allowed > goal + slack) return 'room';
  // The goal is never below the live heap: one above what the limit leaves says that the limit cannot be kept.
  const cannotBeKept = goal > allowed + slack;
  return cannotBeKept || (effectiveGogc !== undefined && effectiveGogc < THRASHING_GOGC) ? 'thrashes' : 'binds';
}
