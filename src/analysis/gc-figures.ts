import type { Reading } from '../results/format.ts';
import { cpuSeconds } from './cpu-figures.ts';
import type { Figure } from './figure.ts';
import { divided, figure } from './figure.ts';
import type { MeasuredTrial } from './trial-readings.ts';
import { insideWith, readingsInWindow, windowSeconds } from './trial-readings.ts';
import { windowedGcCpu } from './windowed-gc-cpu.ts';

/** Under this many cycles in the window the GC CPU figures are refused: one cycle more or less would change them by a fifth. */
export const LEAST_CYCLES = 5;

/** GC CPU of the window: the fraction of GOMAXPROCS × time, from so many cycles. */
export interface GcCpu extends Figure {
  readonly cycles: number;
}

/** GC cycles that ended in the window: by the counter between its first and last reading, else the lines of gctrace. 0 is a figure. */
export function gcCycles(trial: MeasuredTrial): Figure | undefined {
  const counted = insideWith(trial, ['numGc']);
  if (counted.length > 0) {
    const cycles = (counted.at(-1)?.v.numGc as number) - (counted[0]?.v.numGc as number);
    return cycles < 0 ? undefined : figure(cycles, counted[0]?.probe as string);
  }
  if (!hasGctrace(trial)) return undefined;
  return figure(tracedCycles(trial).length, 'gctrace');
}

/** The GC's fraction of GOMAXPROCS × time in the window; undefined under LEAST_CYCLES, never 0 for "no data". */
export function gcCpuWindow(trial: MeasuredTrial): Figure | undefined {
  const found = windowedFraction(trial);
  return found === undefined || found.cycles < LEAST_CYCLES ? undefined : figure(found.value, found.source);
}

/**
 * The fraction from however many cycles there are: of `/cpu/classes` where exposed, else of GCCPUFraction at two GC
 * edges, else the sum over gctrace. The edges are the first and last reading in the window: what they say holds at the
 * end of the cycle before each of them, so the span is [LastGC of the first, LastGC of the last].
 */
export function windowedFraction(trial: MeasuredTrial): GcCpu | undefined {
  return fractionOfClasses(trial) ?? fractionOfEdges(trial) ?? fractionOfTrace(trial);
}

/** GCCPUFraction as the target prints it at the end of the window: the mean over its whole life. */
export function gcCpuNaive(trial: MeasuredTrial): Figure | undefined {
  const last = insideWith(trial, ['gcCpuFraction', 'numGc']).at(-1);
  // Before the first cycle it is 0, which is no figure.
  return last === undefined || last.v.numGc === 0 ? undefined : figure(last.v.gcCpuFraction, last.probe);
}

/** GC CPU seconds of the window: the rate between the GC edges, scaled to the window. */
export function gcCpuSeconds(trial: MeasuredTrial): Figure | undefined {
  const fraction = gcCpuWindow(trial);
  return fraction && figure(fraction.value * trial.gomaxprocs * windowSeconds(trial), fraction.source);
}

/** GC CPU seconds ÷ the CPU seconds that the target used. */
export function gcCpuShare(trial: MeasuredTrial): Figure | undefined {
  return divided(gcCpuSeconds(trial), cpuSeconds(trial)?.value);
}

/** GC CPU seconds ÷ completed pieces of work. */
export function gcCpuPerRequest(trial: MeasuredTrial): Figure | undefined {
  return divided(gcCpuSeconds(trial), trial.record.work?.completed);
}

function fractionOfClasses(trial: MeasuredTrial): GcCpu | undefined {
  return betweenEdges(trial, ['gcCpuSeconds', 'classesTotalCpuSeconds', 'numGc'], '/cpu/classes', (from, to) => {
    const total = (to.classesTotalCpuSeconds as number) - (from.classesTotalCpuSeconds as number);
    const gc = (to.gcCpuSeconds as number) - (from.gcCpuSeconds as number);
    return total > 0 && gc >= 0 ? gc / total : undefined;
  });
}

function fractionOfEdges(trial: MeasuredTrial): GcCpu | undefined {
  const start = processStart(trial);
  return betweenEdges(
    trial,
    ['gcCpuFraction', 'lastGcUnixSeconds', 'numGc'],
    'GCCPUFraction at two GC edges',
    (from, to) =>
      windowedGcCpu(
        {
          gcCpuFraction: from.gcCpuFraction as number,
          uptimeSeconds: (from.lastGcUnixSeconds as number) - start,
        },
        { gcCpuFraction: to.gcCpuFraction as number, uptimeSeconds: (to.lastGcUnixSeconds as number) - start },
      ),
  );
}

/** The figure between the first reading after a cycle and the last one, where the counter of cycles advanced between them. */
function betweenEdges(
  trial: MeasuredTrial,
  keys: Parameters<typeof insideWith>[1],
  source: string,
  fraction: (from: Reading['v'], to: Reading['v']) => number | undefined,
): GcCpu | undefined {
  const collected = insideWith(trial, keys).filter((reading) => (reading.v.numGc as number) > 0);
  const from = collected[0]?.v;
  const to = collected.at(-1)?.v;
  if (from === undefined || to === undefined) return undefined;
  const cycles = (to.numGc as number) - (from.numGc as number);
  if (cycles <= 0) return undefined;
  const found = figure(fraction(from, to), source);
  return found && { ...found, cycles };
}

function fractionOfTrace(trial: MeasuredTrial): GcCpu | undefined {
  const cycles = tracedCycles(trial).filter((cycle) => Number.isFinite(cycle.v.cycleGcCpuSeconds));
  if (cycles.length === 0) return undefined;
  const seconds = cycles.reduce((sum, cycle) => sum + (cycle.v.cycleGcCpuSeconds as number), 0);
  const found = figure(seconds / (trial.gomaxprocs * windowSeconds(trial)), 'gctrace');
  return found && { ...found, cycles: cycles.length };
}

function tracedCycles(trial: MeasuredTrial): readonly Reading[] {
  return readingsInWindow(trial, 'gctrace').filter((reading) => reading.v.cycle !== undefined);
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
