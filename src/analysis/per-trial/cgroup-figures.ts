import { CGROUP_PROBES } from '../../experiment/probe-ids.ts';
import type { ReadingKey } from '../../results/format.ts';
import { timeMean } from '../../statistics/time-mean.ts';
import { counterDelta } from './cpu-figures.ts';
import { type MeasuredTrial, series, windowSeconds } from './trial-readings.ts';

/** What the kernel tells of a target's cgroup beside its own memory and CPU time; undefined where this kernel does not. */
export interface CgroupFigures {
  /** Time mean of the page cache of the files that it reads and writes, tmpfs included. */
  readonly fileBytes: number | undefined;
  /** Pages of files per second that had been dropped for want of memory and were read again. */
  readonly fileRefaults: number | undefined;
  /** Pages per second that had been swapped out and were read again. */
  readonly anonRefaults: number | undefined;
  /** The share of the window in which some thread of it waited for memory; for a CPU. */
  readonly memoryPressure: number | undefined;
  readonly cpuPressure: number | undefined;
  /** Times per second that it was slowed down because it was above `memory.high`. */
  readonly highEvents: number | undefined;
}

/** What the kernel tells of the target's cgroup in the window. */
export function cgroupFiguresOf(trial: MeasuredTrial): CgroupFigures {
  const perSecond = (key: ReadingKey): number | undefined => {
    const grown = counterDelta(series(trial, key, CGROUP_PROBES)?.points ?? [], trial.window);
    return grown === undefined ? undefined : grown / windowSeconds(trial);
  };
  const cache = series(trial, 'cgroupFileBytes', CGROUP_PROBES);
  return {
    fileBytes: cache && timeMean(cache.points, trial.window),
    fileRefaults: perSecond('fileRefaults'),
    anonRefaults: perSecond('anonRefaults'),
    memoryPressure: perSecond('memoryPressureSeconds'),
    cpuPressure: perSecond('cpuPressureSeconds'),
    highEvents: perSecond('highEvents'),
  };
}
