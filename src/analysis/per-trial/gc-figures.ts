import type { Reading, ReadingKey } from '../../results/format.ts';
import type { Span } from '../../statistics/time-mean.ts';
import { cpuPerRequest, cpuSeconds } from './cpu-figures.ts';
import type { Figure } from './figure.ts';
import { divided, figure } from './figure.ts';
import type { MeasuredTrial } from './trial-readings.ts';
import { insideWith, readingsInWindow, windowSeconds } from './trial-readings.ts';
import type { GcEdge } from '../../go/windowed-gc-cpu.ts';
import { windowedGcCpu } from '../../go/windowed-gc-cpu.ts';

/** Under this many cycles in the window the GC CPU figures are refused: one cycle more or less would change them by a fifth. */
export const LEAST_CYCLES = 5;

/** GC CPU between two GC edges in or near the window. */
interface GcCpu {
  /** Of GOMAXPROCS × time. */
  readonly fraction: number;
  /** GC CPU seconds between the edges. */
  readonly cpuSeconds: number;
  /** The edges, in seconds since the trial's start. */
  readonly span: Span;
  readonly cycles: number;
  readonly source: string;
}

/** GC cycles that ended in the window: by the counter between its first and last reading, else the lines of gctrace. 0 is a figure. */
export function gcCycles(trial: MeasuredTrial): Figure | undefined {
  const counted = insideWith(trial, ['numGc']);
  const [first, last] = [counted[0], counted.at(-1)];
  if (first !== undefined && last !== undefined) {
    return restarted(counted) ? undefined : figure((last.v.numGc as number) - (first.v.numGc as number), first.probe);
  }
  if (!hasGctrace(trial)) return undefined;
  return figure(tracedCycles(trial).length, 'gctrace');
}

/** The GC's fraction of GOMAXPROCS × time in the window; undefined under LEAST_CYCLES, never 0 for "no data". */
export function gcCpuWindow(trial: MeasuredTrial): Figure | undefined {
  const found = betweenCycles(trial);
  return found && figure(found.fraction, found.source);
}

/** GCCPUFraction as the target prints it at the end of the window: the mean over its whole life. */
export function gcCpuNaive(trial: MeasuredTrial): Figure | undefined {
  const last = insideWith(trial, ['gcCpuFraction', 'numGc']).at(-1);
  // Before the first cycle it is 0, which is no figure.
  return last === undefined || last.v.numGc === 0 ? undefined : figure(last.v.gcCpuFraction, last.probe);
}

/** GC CPU seconds ÷ the CPU seconds that the target used between the same two moments. */
export function gcCpuShare(trial: MeasuredTrial): Figure | undefined {
  const found = betweenCycles(trial);
  if (found === undefined) return undefined;
  // Of a batch only the CPU seconds of its whole life are known.
  const whole = trial.record.work?.unit === 'run';
  const seconds = whole ? found.fraction * trial.gomaxprocs * windowSeconds(trial) : found.cpuSeconds;
  const used = cpuSeconds(trial, whole ? trial.window : found.span);
  return divided(figure(seconds, found.source), used?.value);
}

/**
 * GC CPU seconds ÷ completed pieces of work. Work is counted over the window, GC CPU between two cycles: so the share
 * of CPU × CPU per piece of work, which a load that comes in bursts does not distort; without CPU seconds the rate.
 */
export function gcCpuPerRequest(trial: MeasuredTrial): Figure | undefined {
  const share = gcCpuShare(trial);
  const used = cpuPerRequest(trial);
  if (share !== undefined && used !== undefined) return figure(share.value * used.value, share.source);
  const fraction = gcCpuWindow(trial);
  const seconds = fraction && figure(fraction.value * trial.gomaxprocs * windowSeconds(trial), fraction.source);
  return divided(seconds, trial.record.work?.completed);
}

/**
 * GC CPU of the runtime’s own account (its memory, `/cpu/classes`) where that can be had, else of GCCPUFraction at two GC edges, else the sum over gctrace. The edges
 * are the first and last reading in the window: what they say holds at the end of the cycle before each of them, so
 * the span is [LastGC of the first, LastGC of the last]. The first LastGC mostly lies before the window: a cycle that ends in the
 * window has its beginning there too, and the time from the end of one cycle to that of the next is what a cycle's CPU belongs
 * to. Undefined under LEAST_CYCLES.
 */
function betweenCycles(trial: MeasuredTrial): GcCpu | undefined {
  const found = ofClasses(trial) ?? ofEdges(trial) ?? ofTrace(trial);
  return found === undefined || found.cycles < LEAST_CYCLES ? undefined : found;
}

function ofClasses(trial: MeasuredTrial): GcCpu | undefined {
  const edges = edgesWith(trial, ['gcCpuSeconds', 'classesTotalCpuSeconds', 'numGc']);
  if (edges === undefined) return undefined;
  const [from, to] = [edges.from.v, edges.to.v];
  const total = (to.classesTotalCpuSeconds as number) - (from.classesTotalCpuSeconds as number);
  const gc = (to.gcCpuSeconds as number) - (from.gcCpuSeconds as number);
  if (!(total > 0) || gc < 0) return undefined;
  const span = { startSeconds: lastGcAt(trial, edges.from), endSeconds: lastGcAt(trial, edges.to) };
  return {
    fraction: gc / total,
    cpuSeconds: gc,
    span,
    cycles: edges.cycles,
    source: edges.from.probe === 'memory' ? 'memory' : '/cpu/classes',
  };
}

function ofEdges(trial: MeasuredTrial): GcCpu | undefined {
  const edges = edgesWith(trial, ['gcCpuFraction', 'lastGcUnixSeconds', 'numGc']);
  if (edges === undefined) return undefined;
  const start = processStart(trial);
  const edge = ({ v }: Reading): GcEdge => ({
    gcCpuFraction: v.gcCpuFraction as number,
    uptimeSeconds: (v.lastGcUnixSeconds as number) - start,
  });
  const fraction = windowedGcCpu(edge(edges.from), edge(edges.to));
  if (fraction === undefined) return undefined;
  const span = { startSeconds: lastGcAt(trial, edges.from), endSeconds: lastGcAt(trial, edges.to) };
  const seconds = fraction * trial.gomaxprocs * (span.endSeconds - span.startSeconds);
  return { fraction, cpuSeconds: seconds, span, cycles: edges.cycles, source: 'GCCPUFraction at two GC edges' };
}

function ofTrace(trial: MeasuredTrial): GcCpu | undefined {
  const cycles = tracedCycles(trial).filter((cycle) => Number.isFinite(cycle.v.cycleGcCpuSeconds));
  if (cycles.length === 0) return undefined;
  const seconds = cycles.reduce((sum, cycle) => sum + (cycle.v.cycleGcCpuSeconds as number), 0);
  const fraction = seconds / (trial.gomaxprocs * windowSeconds(trial));
  return { fraction, cpuSeconds: seconds, span: trial.window, cycles: cycles.length, source: 'gctrace' };
}

/** The first and last reading in the window that follow a cycle, where the counter of cycles advanced between them. */
function edgesWith(
  trial: MeasuredTrial,
  keys: readonly ReadingKey[],
): { from: Reading; to: Reading; cycles: number } | undefined {
  const collected = insideWith(trial, keys).filter((reading) => (reading.v.numGc as number) > 0);
  const [from, to] = [collected[0], collected.at(-1)];
  if (from === undefined || to === undefined || restarted(collected)) return undefined;
  const cycles = (to.v.numGc as number) - (from.v.numGc as number);
  return cycles > 0 ? { from, to, cycles } : undefined;
}

/** When the cycle before a reading ended, in seconds since the trial's start; the time of the reading where it does not tell. */
function lastGcAt(trial: MeasuredTrial, { at, v }: Reading): number {
  return v.lastGcUnixSeconds === undefined ? at : v.lastGcUnixSeconds - trial.record.startUnixSeconds;
}

function tracedCycles(trial: MeasuredTrial): readonly Reading[] {
  return readingsInWindow(trial, 'gctrace').filter((reading) => reading.v.cycle !== undefined);
}

/** Whether the counter of cycles went back: then the readings are of two processes. */
function restarted(readings: readonly Reading[]): boolean {
  return readings.some(({ v }, i) => i > 0 && (v.numGc as number) < (readings[i - 1]?.v.numGc as number));
}

/** Whether gctrace was on at all: only then are no lines in the window no cycles. */
function hasGctrace(trial: MeasuredTrial): boolean {
  return trial.record.probes.includes('gctrace') || (trial.readings.get('gctrace')?.length ?? 0) > 0;
}

/** When the process began; an error e of it moves the windowed figure by e·(F2−F1)/(u2−u1) only. */
export function processStart(trial: MeasuredTrial): number {
  const { processStartUnixSeconds, startUnixSeconds, phases } = trial.record;
  const launch = phases.find((phase) => phase.name === 'launch');
  return processStartUnixSeconds ?? startUnixSeconds + (launch?.startSeconds ?? 0);
}
