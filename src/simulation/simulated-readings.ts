import type { Levels, Sampling, SimulatedTarget } from '../experiment/experiment.ts';
import type { RuntimeProbe } from '../experiment/probe-ids.ts';
import { TICKS_PER_SECOND } from '../linux/proc-stat.ts';
import type { Reading } from '../results/format.ts';
import { factorDraw } from './factor-draw.ts';
import type { Settings } from './pacer.ts';
import type { ProcessState, SimulatedProcess } from './simulated-process.ts';
import type { RandomStream } from '../statistics/random.ts';

const MIB = 2 ** 20;
/** Each interval is drawn from 1 ± this share of the mean, as the sampler's. */
const JITTER = 0.2;

/** What the readings of one simulated trial are made of. Times are seconds since the trial's start. */
export interface SimulatedSubject {
  readonly model: SimulatedTarget;
  readonly levels: Levels;
  readonly settings: Settings;
  readonly sampling: Sampling;
  readonly process: SimulatedProcess;
  readonly startUnixSeconds: number;
  readonly window: { readonly startSeconds: number; readonly endSeconds: number };
  /** When sampling begins, and when it ends: with the trial or the process. */
  readonly fromSeconds: number;
  readonly untilSeconds: number;
}

/** Everything that the probes would read, in the order of time. */
export function simulatedReadings(subject: SimulatedSubject, stream: RandomStream): readonly Reading[] {
  const { sampling, window, untilSeconds, process } = subject;
  const edges = [window.startSeconds, window.endSeconds].filter((at) => at <= untilSeconds);
  let peak = 0;
  const outside = [...times(subject, sampling.outsideHz, stream), ...edges]
    .toSorted((a, b) => a - b)
    .flatMap((at): readonly Reading[] => {
      const state = process.at(at);
      const anon = Math.round(state.anonBytes * factorDraw(stream, subject.model.noise.reading));
      peak = Math.max(peak, anon + subject.model.fileBytes);
      return [procReading(subject, at, state, anon, peak), cgroupReading(subject, at, state, anon)];
    });
  const source = sampling.inside === 'auto' ? 'expvar' : sampling.inside;
  const inside =
    source === 'none'
      ? []
      : [...times(subject, sampling.insideHz, stream), ...edges].map((at) => insideReading(subject, source, at));
  const traced = sampling.gctrace ? traceReadings(subject) : [];
  return [...outside, ...inside, ...traced].toSorted((a, b) => a.at - b.at);
}

function times({ fromSeconds, untilSeconds }: SimulatedSubject, hertz: number, stream: RandomStream): number[] {
  const found: number[] = [];
  for (let at = fromSeconds; at <= untilSeconds; at += (1 + JITTER * (2 * stream.next() - 1)) / hertz) {
    found.push(Math.round(at * 1e6) / 1e6);
  }
  return found;
}

function procReading(
  { model }: SimulatedSubject,
  at: number,
  state: ProcessState,
  anon: number,
  peakRssBytes: number,
): Reading {
  const v = {
    rssBytes: anon + model.fileBytes,
    rssAnonBytes: anon,
    rssFileBytes: model.fileBytes,
    peakRssBytes,
    swapBytes: 0,
    cpuSeconds: Math.floor(state.cpuSeconds * TICKS_PER_SECOND) / TICKS_PER_SECOND,
  };
  return { at, probe: 'proc', v };
}

function cgroupReading({ model }: SimulatedSubject, at: number, { cpuSeconds }: ProcessState, anon: number): Reading {
  const v = {
    cgroupAnonBytes: anon,
    cgroupUsageBytes: anon + model.fileBytes,
    cgroupCpuSeconds: Math.round(cpuSeconds * 1e9) / 1e9,
    oomKills: 0,
  };
  return { at, probe: 'cgroup', v };
}

function insideReading(subject: SimulatedSubject, probe: RuntimeProbe, at: number): Reading {
  const { model, levels, settings } = subject;
  const state = subject.process.at(at);
  const resident = Math.round(state.residentHeapBytes);
  const heapAlloc = Math.min(resident, Math.round(state.heapAllocBytes));
  const inuse = Math.min(resident, Math.round(state.heapAllocBytes * (1 + model.fragmentation)));
  const heapSys = Math.ceil(Math.max(resident, ...residentSoFar(subject, at)) / (4 * MIB)) * 4 * MIB;
  const [stack, mspan, gc] = [0.3, 0.1, 0.4].map((share) => Math.floor(model.offHeapBytes * share)) as [
    number,
    number,
    number,
  ];
  const { gcCpuSeconds, lastGcSeconds, numGc } = state;
  const whole = settings.gomaxprocs * lastGcSeconds;
  const v = {
    heapAllocBytes: heapAlloc,
    heapSysBytes: heapSys,
    heapIdleBytes: heapSys - inuse,
    heapInuseBytes: inuse,
    heapReleasedBytes: heapSys - resident,
    stackSysBytes: stack,
    mspanSysBytes: mspan,
    mcacheSysBytes: 0,
    buckHashSysBytes: 0,
    gcSysBytes: gc,
    otherSysBytes: model.offHeapBytes - stack - mspan - gc,
    sysBytes: heapSys + model.offHeapBytes,
    totalAllocBytes: Math.round(state.totalAllocBytes),
    // Without a goal the runtime says the greatest unsigned number.
    nextGcBytes: Number.isFinite(state.nextGcBytes) ? Math.round(state.nextGcBytes) : 2 ** 64,
    lastGcUnixSeconds: numGc === 0 ? 0 : subject.startUnixSeconds + lastGcSeconds,
    numGc,
    numForcedGc: 0,
    scanStackBytes: model.rootBytes,
    readSeconds: 0,
  };
  if (probe !== 'prometheus') {
    return { at, probe, v: { ...v, gcCpuFraction: numGc === 0 ? 0 : gcCpuSeconds / whole } };
  }
  const limit = levels.gomemlimit === 'off' ? {} : { gomemlimitBytes: levels.gomemlimit };
  const metrics = {
    liveHeapBytes: Math.round(state.liveHeapBytes),
    gogcPercent: levels.gogc === 'off' ? -1 : levels.gogc,
    gomaxprocs: settings.gomaxprocs,
    gcCpuSeconds,
    gcIdleCpuSeconds: 0,
    classesTotalCpuSeconds: whole,
  };
  return { at, probe, v: { ...v, ...limit, ...metrics } };
}

/** Resident heap at the ends of the cycles so far: HeapSys never falls. */
function residentSoFar({ process }: SimulatedSubject, at: number): readonly number[] {
  const last = process.cycles.findLast(({ startSeconds }) => startSeconds > 0 && startSeconds <= at);
  return last === undefined ? [] : [process.at(last.startSeconds).residentHeapBytes];
}

/** A line of gctrace for each cycle; sizes are whole MiB there. */
function traceReadings({ process, settings, untilSeconds }: SimulatedSubject): readonly Reading[] {
  const whole = (bytes: number): number => Math.floor(bytes / MIB) * MIB;
  return process.cycles.flatMap((cycle, index): Reading | readonly [] => {
    if (cycle.endSeconds > untilSeconds) return [];
    const after = process.at(cycle.endSeconds).gcCpuSeconds;
    const v = {
      cycle: index + 1,
      cycleStartSeconds: Math.floor(cycle.endSeconds * 1000) / 1000,
      cycleGcCpuSeconds: after - process.at(cycle.startSeconds).gcCpuSeconds,
      cycleIdleCpuSeconds: 0,
      cycleStopSeconds: 0,
      heapStartBytes: whole(cycle.endBytes),
      heapEndBytes: whole(cycle.endBytes),
      heapLiveBytes: whole(cycle.liveBytes),
      heapGoalBytes: whole(cycle.goalBytes),
      procs: settings.gomaxprocs,
      forced: Number(cycle.forced),
    };
    return { at: Math.ceil(cycle.endSeconds * 1e6) / 1e6, probe: 'gctrace', v };
  });
}
