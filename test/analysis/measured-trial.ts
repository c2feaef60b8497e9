import type { MeasuredTrial } from '../../src/analysis/per-trial/trial-readings.ts';
import { readingsByProbe } from '../../src/analysis/per-trial/trial-readings.ts';
import type { Levels } from '../../src/experiment/experiment.ts';
import type { ProbeId } from '../../src/experiment/probe-ids.ts';
import type { Reading, TrialRecord, WorkDone } from '../../src/results/format.ts';

/** Unix seconds of a hand-made trial's start; its process starts with it. */
export const START = 1_000_000;

/** A reading by hand. */
export function reading(at: number, probe: ProbeId, v: Reading['v']): Reading {
  return { at, probe, v };
}

/** A completed trial by hand: window from 10 s to 20 s, GOGC=100, GOMAXPROCS 4, 100 requests. */
export function measuredTrial(
  readings: readonly Reading[],
  more: { record?: Partial<TrialRecord>; work?: Partial<WorkDone>; levels?: Partial<Levels>; gomaxprocs?: number } = {},
): MeasuredTrial {
  const window = { startSeconds: 10, endSeconds: 20 };
  const work: WorkDone = {
    unit: 'request',
    intended: 100,
    completed: 100,
    dropped: 0,
    errors: {},
    lateness: { p99Seconds: 0, maxSeconds: 0 },
    windowSeconds: 10,
    latency: undefined,
    ...more.work,
  };
  return {
    window,
    levels: { gogc: 100, gomemlimit: 'off', workload: 'steady', ...more.levels },
    gomaxprocs: more.gomaxprocs ?? 4,
    readings: readingsByProbe(readings),
    record: {
      formatVersion: 1,
      id: '001-01-x',
      block: 1,
      position: 1,
      cell: 'gogc=100',
      attempt: 1,
      outcome: { kind: 'completed' },
      startedAt: '1970-01-12T13:46:40.000Z',
      startUnixSeconds: START,
      processStartUnixSeconds: START,
      phases: [],
      window,
      probes: [],
      effective: {},
      warnings: [],
      work,
      ...more.record,
    },
  };
}
