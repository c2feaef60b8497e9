import { counted as plural, listed, percent } from '../../text/words.ts';
import type { Experiment } from '../../experiment/experiment.ts';
import { METRIC_IDS } from '../../metrics/metrics.ts';
import type { Cell } from '../../experiment/plan/plan.ts';
import type { Warning } from '../../metrics/warning.ts';
import { leastN } from '../../statistics/least-n.ts';
import { cellDrift } from './drift-warnings.ts';
import { foldWarnings } from './fold-warnings.ts';
import type { CgroupFigures } from '../per-trial/cgroup-figures.ts';
import type { TrialFigures } from '../per-trial/reduce-trial.ts';
import { shortfallOf } from '../finding/shortfall.ts';
import { quantity } from '../finding/words.ts';

/** Waiting for memory, as a share of the window, over which a warning is due. */
const MOST_WAITING = 0.01;
/** Pages per second that are read again, over which one is: as many as a disk reads in some hundredths of a second. */
const MOST_REFAULTS = 100;

/** Throttled ÷ all periods of the CPU controller over which a warning is due. */
const MOST_THROTTLED = 0.01;

/** GC CPU over which the limiter is taken to be at work, or nearly so. */
export const LIMITER_SHARE = 0.4;

/** What there is to doubt about a cell: its trials' warnings, folded, and what only shows over all of them. */
export function cellWarnings(
  experiment: Experiment,
  cell: Cell,
  trials: readonly TrialFigures[],
  counted: readonly TrialFigures[],
): readonly Warning[] {
  const found: (Omit<Warning, 'cell'> | undefined)[] = [
    tooFew(experiment, trials, counted),
    throttled(counted),
    ...shortOfMemory(counted),
    limitBinds(cell, counted),
    ...mixedSources(counted),
    ...cellDrift(experiment, counted),
  ];
  return foldWarnings([
    ...found.flatMap((warning) => (warning === undefined ? [] : [{ ...warning, cell: cell.id }])),
    // Every attempt's warnings are told in the list of trials; here only of those that the figures are made of.
    ...counted.flatMap((trial) => trial.warnings.map((warning) => ({ ...warning, cell: cell.id }))),
  ]);
}

function tooFew(
  experiment: Experiment,
  trials: readonly TrialFigures[],
  counted: readonly TrialFigures[],
): Omit<Warning, 'cell'> | undefined {
  const needed = leastN(experiment.confidence);
  if (counted.length >= needed) return undefined;
  if (counted.length > 0) {
    const interval = `a ${percent(experiment.confidence)} interval needs ${needed}`;
    const message =
      counted.length === trials.length
        ? `${plural(counted.length, 'trial')} ${counted.length === 1 ? 'is' : 'are'} too few: ${interval}`
        : `only ${counted.length} of ${plural(trials.length, 'trial')} ${counted.length === 1 ? 'counts' : 'count'}, and ${interval}`;
    return { code: 'too-few-trials', message };
  }
  if (trials.length === 0) return { code: 'no-trials', message: 'no trial was run' };
  return { code: 'no-valid-trials', message: `no trial counts: ${shortfallOf(trials, 0) ?? 'none was run'}` };
}

function throttled(counted: readonly TrialFigures[]): Omit<Warning, 'cell'> | undefined {
  const shares = counted.flatMap(({ throttledShare }) => throttledShare ?? []);
  const over = shares.filter((share) => share > MOST_THROTTLED);
  if (over.length === 0) return undefined;
  return {
    code: 'throttled',
    message:
      `the CPU limit throttled the target in up to ${quantity(Math.max(...over), 'fraction')} of the scheduling periods (over ${percent(MOST_THROTTLED)} in ` +
      `${over.length} of ${plural(counted.length, 'trial')}): GC CPU reads too high there, because the runtime's clock keeps running; raise limits.cpus to avoid it`,
    metric: 'gc.cpu_window',
  };
}

/** What a cgroup that is short of memory does to the figures: time passes in which the target waits for the kernel. */
function shortOfMemory(counted: readonly TrialFigures[]): Omit<Warning, 'cell'>[] {
  const most = (key: keyof CgroupFigures): number =>
    Math.max(0, ...counted.flatMap(({ cgroup }) => cgroup?.[key] ?? []));
  const found: Omit<Warning, 'cell'>[] = [];
  const high = most('highEvents');
  if (high > 0)
    found.push({
      code: 'memory-high',
      message: `memory.high of the cgroup slowed the target down, up to ${quantity(high, 'per-second')} times: CPU and latency include that; raise memory.high to avoid it`,
    });
  const waiting = most('memoryPressure');
  if (waiting > MOST_WAITING)
    found.push({
      code: 'memory-pressure',
      message: `the target waited for memory in up to ${quantity(waiting, 'fraction')} of the window (PSI): latency includes that; raise limits.memory to avoid it`,
    });
  const refaults = most('fileRefaults') + most('anonRefaults');
  if (refaults > MOST_REFAULTS)
    found.push({
      code: 'refaults',
      message: `up to ${quantity(refaults, 'per-second')} pages that the kernel had dropped were read again: the memory limit leaves too little for the page cache`,
    });
  return found;
}

/** The runtime lets the collector take at most half of GOMAXPROCS × time (runtime/mgclimit.go); near that, the memory limit rules. */
function limitBinds(cell: Cell, counted: readonly TrialFigures[]): Omit<Warning, 'cell'> | undefined {
  if (cell.levels.gomemlimit === 'off') return undefined;
  const shares = counted.flatMap(({ figures }) => figures['gc.cpu_window']?.value ?? []);
  const bound = shares.filter((share) => share >= LIMITER_SHARE);
  if (bound.length === 0) return undefined;
  return {
    code: 'memory-limit-binds',
    message:
      `GOMEMLIMIT keeps the collector busy: GC takes up to ${quantity(Math.max(...shares), 'fraction')} of GOMAXPROCS × time ` +
      `(in ${bound.length} of ${plural(counted.length, 'trial')}); at 50 %, the runtime's GC CPU limiter lets memory grow beyond the limit`,
    metric: 'gc.cpu_window',
  };
}

/** A median over figures of different origin compares nothing. */
function mixedSources(counted: readonly TrialFigures[]): Omit<Warning, 'cell'>[] {
  return METRIC_IDS.flatMap((metric) => {
    const sources = [...new Set(counted.flatMap(({ figures }) => figures[metric]?.source ?? []))].sort();
    if (sources.length < 2) return [];
    return [
      { code: 'mixed-sources', message: `the source of ${metric} differs between trials: ${listed(sources)}`, metric },
    ];
  });
}
