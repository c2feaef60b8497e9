import type { Experiment, SimulatedTarget } from '../experiment/experiment.ts';
import type { FixedPhases } from '../experiment/warm-up.ts';
import type { Cell, PlannedTrial } from '../experiment/plan/plan.ts';
import {
  FORMAT_VERSION,
  type Outcome,
  type Phase,
  type Reading,
  type TrialRecord,
  type WorkDone,
} from '../results/format.ts';
import { START_SECONDS } from './heap-history.ts';
import { latencies, latencyMixture } from './latency.ts';
import { factorDraw } from './factor-draw.ts';
import type { Settings } from './pacer.ts';
import { simulateProcess, type SimulatedProcess } from './simulated-process.ts';
import { steadyState } from './truth.ts';
import { seededStream } from '../statistics/random.ts';
import { Tally } from '../workload/tally.ts';
import { judge } from '../trial/judge.ts';
import { type SimulatedLoad, simulatedLoad, windowRate } from './simulated-load.ts';
import { simulatedReadings } from './simulated-readings.ts';
import { neverSettled, SETTLE_CHECK_SECONDS, settleRule, SettleWatch } from '../trial/settle-watch.ts';
import { WindowWatch } from '../trial/window-watch.ts';

/** Everything one simulated trial is made of. */
export interface SimulatedTrialRequest {
  readonly experiment: Experiment;
  readonly model: SimulatedTarget;
  readonly cell: Cell;
  readonly planned: PlannedTrial;
  readonly attempt: number;
  /** Of the run: the seed of everything random in it. */
  readonly seed: number;
  readonly gomaxprocs: number;
  /** The factor on CPU times that the machine's drift makes at its time. */
  readonly slowness: number;
  /** When it starts in virtual time, Unix seconds. */
  readonly startUnixSeconds: number;
}

/** A trial as the analysis reads it. */
export interface SimulatedTrial {
  readonly record: TrialRecord;
  readonly readings: readonly Reading[];
}

/** Runs one trial of a model in no time: same request, same trial. Judged as a real one is. */
export function simulateTrial(request: SimulatedTrialRequest): SimulatedTrial {
  const { experiment, model, cell, planned, attempt, seed, gomaxprocs, startUnixSeconds } = request;
  const { sampling, limits } = experiment;
  const spec = experiment.workloads[cell.levels.workload];
  const stream = (purpose: string) => seededStream(seed, 'simulated', purpose, planned.id, attempt);
  const settings: Settings = { gogc: cell.levels.gogc, gomemlimit: cell.levels.gomemlimit, gomaxprocs };
  const { served, gcCores } = steadyState(model, settings, windowRate(spec, experiment.phases));
  const particulars = {
    memory: factorDraw(stream('memory'), model.noise.memory),
    slowness: request.slowness * factorDraw(stream('cpu'), model.noise.cpu),
  };
  const courseOf = (phases: FixedPhases): Course => {
    const load = simulatedLoad(spec, phases, served, stream('load'));
    const openSeconds = START_SECONDS + phases.warmupSeconds + phases.settleSeconds;
    const window = { startSeconds: openSeconds, endSeconds: openSeconds + phases.measureSeconds };
    const process = simulateProcess(model, settings, load.requests, particulars, window.endSeconds);
    const killed = limits.memoryBytes === undefined ? undefined : process.exceeds(limits.memoryBytes);
    const endSeconds = killed ?? window.endSeconds;
    const readings = simulatedReadings(
      {
        model,
        levels: cell.levels,
        settings,
        sampling,
        process,
        startUnixSeconds,
        window,
        fromSeconds: START_SECONDS,
        untilSeconds: endSeconds,
      },
      stream('readings'),
    );
    return { phases, load, window, process, killed, endSeconds, readings };
  };
  const { course, never } = settledCourse(experiment, cell, courseOf);
  const { phases, load, window, process, killed, endSeconds, readings } = course;
  const watch = new WindowWatch(cell.levels, window.startSeconds, phases.measureSeconds);
  for (const reading of readings) watch.add(reading);
  const work = workOf(load.intended, load.completed, phases.measureSeconds);
  const mixture = latencyMixture(model, gcCores, gomaxprocs, particulars.slowness);
  const random = model.noise.reading === 0 ? undefined : stream('latency');
  for (const seconds of latencies(mixture, load.completed, random)) work.completed(seconds);
  const done = killed === undefined && never === undefined ? { ...work.done(), ...thirdsOf(load, phases) } : undefined;
  const phasesDone = phasesOf(phases, endSeconds);
  const verdict =
    done === undefined
      ? { outcome: never ?? oomKilled(phasesDone, limits.memoryBytes), warnings: [] }
      : judge(
          {
            work: done,
            steadiness: watch.steadiness(),
            goalExcursion: watch.goalExcursion(),
            gogc: watch.gogcVerdict(),
            probeFailures: new Map(),
          },
          experiment.validity,
        );
  const inside = sampling.inside === 'auto' ? 'expvar' : sampling.inside;
  const record: TrialRecord = {
    formatVersion: FORMAT_VERSION,
    id: planned.id,
    block: planned.block,
    position: planned.position,
    cell: planned.cell,
    attempt,
    outcome: verdict.outcome,
    // oxlint-disable-next-line no-restricted-globals -- a time of the model, not of the clock
    startedAt: new Date(startUnixSeconds * 1000).toISOString(),
    startUnixSeconds,
    processStartUnixSeconds: startUnixSeconds,
    phases: phasesDone,
    ...(done === undefined ? {} : { window, work: done }),
    probes: ['proc', 'cgroup', ...(inside === 'none' ? [] : [inside]), ...(sampling.gctrace ? ['gctrace'] : [])],
    effective: { gomaxprocs, ...watch.effective() },
    exit: exitOf(process, endSeconds, killed !== undefined),
    warnings: verdict.warnings,
  };
  return { record, readings };
}

/** What happens to the process from its start to the end of the window, or to its own. */
interface Course {
  readonly phases: FixedPhases;
  readonly load: SimulatedLoad;
  readonly window: { readonly startSeconds: number; readonly endSeconds: number };
  readonly process: SimulatedProcess;
  /** When it went over the limit on its memory. */
  readonly killed: number | undefined;
  readonly endSeconds: number;
  readonly readings: readonly Reading[];
}

/** The course of a process whose window opens when it has settled; `never`: the outcome where it does not. */
function settledCourse(
  experiment: Experiment,
  { levels }: Cell,
  courseOf: (phases: FixedPhases) => Course,
): { readonly course: Course; readonly never?: Outcome } {
  const { phases } = experiment;
  const { warmupSeconds, autoWarmup } = phases;
  if (warmupSeconds !== 'auto') return { course: courseOf({ ...phases, warmupSeconds }) };
  const longest = courseOf({ ...phases, warmupSeconds: autoWarmup.maxSeconds });
  const watch = new SettleWatch(levels, START_SECONDS, settleRule(experiment));
  let next = 0;
  for (let after = SETTLE_CHECK_SECONDS; after <= autoWarmup.maxSeconds; after += SETTLE_CHECK_SECONDS) {
    const now = START_SECONDS + after;
    if (now > longest.endSeconds) break;
    for (; (longest.readings[next]?.at ?? Infinity) <= now; next++) watch.add(longest.readings[next] as Reading);
    const state = watch.state(now);
    if (state.kind === 'settled') return { course: courseOf({ ...phases, warmupSeconds: after }) };
    if (state.kind === 'moves') return { course: upTo(longest, now), never: neverSettled(autoWarmup, state.what) };
  }
  return { course: longest };
}

/** A course that is broken off. */
function upTo(course: Course, endSeconds: number): Course {
  return { ...course, endSeconds, readings: course.readings.filter(({ at }) => at <= endSeconds) };
}

function workOf(intended: number, completed: number, windowSeconds: number) {
  const tally = new Tally();
  const none = { unit: 'none', intended: 0, completed: 0, dropped: 0, errors: {}, windowSeconds } as const;
  return {
    completed: (seconds: number): void => {
      tally.sent(0);
      tally.completed(seconds * 1000);
    },
    done: () => {
      if (intended === 0) return { ...none, lateness: { p99Seconds: 0, maxSeconds: 0 }, latency: undefined };
      return { ...tally.workDone(windowSeconds, 0), intended, dropped: intended - completed };
    },
  };
}

/** Requests of each third of the window; nothing where there are none. */
function thirdsOf(
  { requests, completed }: SimulatedLoad,
  { warmupSeconds, settleSeconds, measureSeconds }: FixedPhases,
): Pick<WorkDone, 'thirds'> {
  if (completed === 0) return {};
  const until = (third: number): number =>
    Math.round(requests.until(warmupSeconds + settleSeconds + (third * measureSeconds) / 3));
  return { thirds: [until(1) - until(0), until(2) - until(1), until(3) - until(2)] };
}

/** The phases up to the end of the trial. A model is launched, drained and stopped in no time. */
function phasesOf(phases: FixedPhases, endSeconds: number): readonly Phase[] {
  const lengths = [
    ['launch', START_SECONDS],
    ['warm-up', phases.warmupSeconds],
    ['settle', phases.settleSeconds],
    ['measure', phases.measureSeconds],
  ] as const;
  const found: Phase[] = [];
  let start = 0;
  for (const [name, seconds] of lengths) {
    if (seconds === 0 || start >= endSeconds) continue;
    found.push({ name, startSeconds: start, endSeconds: Math.min(start + seconds, endSeconds) });
    start += seconds;
  }
  return found;
}

function oomKilled(phases: readonly Phase[], limitBytes: number | undefined): Outcome {
  return { kind: 'oom-killed', phase: phases.at(-1)?.name ?? 'launch', limitBytes };
}

function exitOf(process: SimulatedProcess, endSeconds: number, oom: boolean): NonNullable<TrialRecord['exit']> {
  const { cpuSeconds } = process.at(endSeconds);
  return { code: oom ? null : 0, signal: oom ? 'SIGKILL' : null, oomKilled: oom, cpuSeconds };
}
