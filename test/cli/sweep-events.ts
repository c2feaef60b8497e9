import type { CellId } from '../../src/experiment/plan/plan.ts';
import type { Outcome, TrialRecord } from '../../src/results/format.ts';
import type { QuickFigures, SweepEvent } from '../../src/sweep/event.ts';

const MiB = 2 ** 20;

/** The beginning of a run of two blocks of three trials. */
export const runStarted: SweepEvent = {
  type: 'run-started',
  runId: 'sweep-20260102T030405Z-42',
  folder: '/srv/results/sweep-20260102T030405Z-42',
  runner: 'process',
  why: 'asked for',
  trials: 6,
  blocks: 2,
  cells: [
    { id: 'gogc=25 workload=steady', role: 'level' },
    { id: 'gogc=400 workload=steady', role: 'level' },
    { id: 'gogc=100 workload=steady', role: 'level' },
    { id: 'gogc=100 workload=steady (A/A)', role: 'a-a' },
  ],
  estimatedSeconds: 60,
};

/** A trial begins. */
export function trialStarted(index: number, cell: CellId, attempt = 1): SweepEvent {
  return { type: 'trial-started', trial: planned(index, cell), attempt, index };
}

/** A trial goes on to its measured window and is read once. */
export function measuring(index: number, cell: CellId, rssBytes: number): readonly SweepEvent[] {
  const trial = planned(index, cell).id;
  return [
    { type: 'phase', trial, phase: 'measure' },
    { type: 'reading', trial, reading: { at: 1, probe: 'proc', v: { rssBytes } } },
    { type: 'reading', trial, reading: { at: 1.2, probe: 'expvar', v: { gcCpuFraction: 0.051 } } },
  ];
}

/** A trial ends. */
export function trialEnded(
  index: number,
  cell: CellId,
  more: {
    readonly outcome?: Outcome;
    readonly anonMiB?: number;
    readonly secondsLeft?: number;
    readonly attempt?: number;
  } = {},
): SweepEvent {
  const { id, block, position } = planned(index, cell);
  const record: TrialRecord = {
    formatVersion: 1,
    id,
    block,
    position,
    cell,
    attempt: more.attempt ?? 1,
    outcome: more.outcome ?? { kind: 'completed' },
    startedAt: '2026-01-02T03:04:05.000Z',
    startUnixSeconds: 1_767_323_045,
    phases: [],
    probes: ['proc'],
    effective: {},
    warnings: [],
  };
  const quick: QuickFigures = {
    cell,
    ...(more.anonMiB === undefined
      ? {}
      : { anonBytes: more.anonMiB * MiB, gcCpuFraction: 0.05, cpuPerRequestSeconds: 0.00123 }),
  };
  return { type: 'trial-ended', record, quick, index, secondsLeft: more.secondsLeft ?? 50 };
}

function planned(index: number, cell: CellId): Extract<SweepEvent, { type: 'trial-started' }>['trial'] {
  const block = Math.floor(index / 3) + 1;
  const position = (index % 3) + 1;
  const slug = cell.replaceAll(/[^a-z0-9]+/g, '-');
  return { id: `00${block}-0${position}-${slug}`, block, position, cell, seed: 7 };
}
