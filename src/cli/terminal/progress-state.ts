import type { CellId, PlannedTrial } from '../../experiment/plan/plan.ts';
import type { Phase, Reading, TrialRecord } from '../../results/format.ts';
import type { Interim } from '../../report/brief/settings-brief.ts';
import type { QuickFigures, SweepEvent } from '../../sweep/event.ts';

/** The figures of the finished, valid trials of one cell. */
export interface CellProgress {
  readonly valid: number;
  readonly ended: number;
  readonly figures: readonly QuickFigures[];
}

/** The trial under way. */
export interface CurrentTrial {
  readonly planned: PlannedTrial;
  readonly attempt: number;
  /** Place in the plan, from 0. */
  readonly index: number;
  readonly sinceSeconds: number;
  readonly phase: Phase['name'] | undefined;
  readonly phaseSinceSeconds: number;
  readonly rssBytes: number | undefined;
  /** Share of the available CPU that collecting took over the last readings. */
  readonly gcCpuFraction: number | undefined;
}

/** What a display of a sweep shows, built from its events alone. Times are monotonic seconds. */
export interface ProgressState {
  readonly run: Extract<SweepEvent, { type: 'run-started' }> | undefined;
  readonly startedSeconds: number;
  readonly note: string | undefined;
  readonly current: CurrentTrial | undefined;
  /** Trials that have ended, with attempts that were repeated. */
  readonly ended: number;
  /** Those that have begun, in the order of the matrix. */
  readonly cells: ReadonlyMap<CellId, CellProgress>;
  /** Forecast of the end; undefined before a run has begun. */
  readonly endsSeconds: number | undefined;
  /** What a trial takes: as planned until one has ended, then as measured. */
  readonly eachSeconds: number;
  /** Trials that have ended since this display began. */
  readonly seen: number;
  readonly last: TrialRecord | undefined;
  /** How precisely the primary contrasts are known, of a run that ends when they are known well enough. */
  readonly precision: Extract<SweepEvent, { type: 'precision' }> | undefined;
  /** What is known after a block. */
  readonly interim: Interim | undefined;
}

/** Before the first event. */
export function initialProgress(nowSeconds: number): ProgressState {
  return {
    run: undefined,
    startedSeconds: nowSeconds,
    note: undefined,
    current: undefined,
    ended: 0,
    cells: new Map(),
    endsSeconds: undefined,
    eachSeconds: 0,
    seen: 0,
    last: undefined,
    precision: undefined,
    interim: undefined,
  };
}

/** The state after an event. */
export function advance(state: ProgressState, event: SweepEvent, nowSeconds: number): ProgressState {
  switch (event.type) {
    case 'note':
      return { ...state, note: event.message };
    case 'run-started':
      return {
        ...state,
        run: event,
        ended: event.kept ?? 0,
        note: undefined,
        endsSeconds: nowSeconds + event.estimatedSeconds,
        eachSeconds: event.estimatedSeconds / Math.max(1, event.trials - (event.kept ?? 0)),
      };
    case 'trial-started': {
      const { trial, attempt, index } = event;
      const since = { sinceSeconds: nowSeconds, phaseSinceSeconds: nowSeconds };
      const current = { planned: trial, attempt, index, phase: undefined, ...since };
      const cells = state.cells.has(trial.cell)
        ? state.cells
        : inOrder(state, [...state.cells, [trial.cell, { valid: 0, ended: 0, figures: [] }]]);
      return { ...state, cells, current: { ...current, rssBytes: undefined, gcCpuFraction: undefined } };
    }
    case 'phase':
      return withCurrent(state, event.trial, { phase: event.phase, phaseSinceSeconds: nowSeconds });
    case 'reading':
      return withCurrent(state, event.trial, figuresOf(event.reading));
    case 'trial-ended':
      return {
        ...state,
        current: undefined,
        ended: state.ended + 1,
        last: event.record,
        cells: event.record.purpose === 'profile' ? state.cells : withTrial(state.cells, event.record, event.quick),
        endsSeconds: nowSeconds + event.secondsLeft,
        eachSeconds: event.secondsLeft / Math.max(1, (state.run?.trials ?? 0) - event.index - 1),
        seen: state.seen + 1,
      };
    case 'precision':
      return { ...state, precision: event, endsSeconds: soonerEnd(state, event, nowSeconds) };
    case 'trial-fault':
      return { ...state, current: undefined };
    case 'run-ended':
      return { ...state, current: undefined, endsSeconds: nowSeconds };
  }
}

/** How long the run still takes; a trial that takes longer than those before it says so of those that are ahead. */
export function secondsLeft(state: ProgressState, nowSeconds: number): number {
  const { run, current, endsSeconds, eachSeconds, seen, precision } = state;
  const left = Math.max(0, (endsSeconds ?? nowSeconds) - nowSeconds);
  // A run that ends by its widths is not as long as its trials are many.
  if (run === undefined || current === undefined || precision !== undefined) return left;
  const over = nowSeconds - current.sinceSeconds - eachSeconds;
  const ahead = Math.max(0, run.trials - current.index - 1);
  return over <= 0 ? left : Math.max(left, ahead * (eachSeconds + over / (seen + 1)));
}

function inOrder(
  { run }: ProgressState,
  cells: readonly (readonly [CellId, CellProgress])[],
): ReadonlyMap<CellId, CellProgress> {
  const place = (id: CellId): number => (run?.cells ?? []).findIndex((cell) => cell.id === id);
  return new Map(cells.toSorted(([a], [b]) => place(a) - place(b)));
}

/** The end that the forecast of blocks gives, from what the blocks so far took; the plan's own where it tells nothing. */
function soonerEnd(
  { startedSeconds, endsSeconds }: ProgressState,
  { block, blocksLeft }: Extract<SweepEvent, { type: 'precision' }>,
  nowSeconds: number,
): number | undefined {
  if (blocksLeft === null) return endsSeconds;
  const forecast = nowSeconds + ((nowSeconds - startedSeconds) / block) * blocksLeft;
  return endsSeconds === undefined ? forecast : Math.min(endsSeconds, forecast);
}

/** The median of one figure over a cell's valid trials. */
export function medianFigure(cell: CellProgress, key: Exclude<keyof QuickFigures, 'cell'>): number | undefined {
  const sorted = cell.figures.flatMap((figures) => figures[key] ?? []).toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  if (sorted.length === 0) return undefined;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}

function withCurrent(state: ProgressState, trial: string, change: Partial<CurrentTrial>): ProgressState {
  if (state.current?.planned.id !== trial) return state;
  return { ...state, current: { ...state.current, ...change } };
}

function figuresOf({ v }: Reading): Partial<CurrentTrial> {
  const rss = v.rssBytes ?? v.cgroupUsageBytes;
  return {
    ...(rss === undefined ? {} : { rssBytes: rss }),
    ...(v.gcCpuFraction === undefined ? {} : { gcCpuFraction: v.gcCpuFraction }),
  };
}

function withTrial(
  cells: ProgressState['cells'],
  record: TrialRecord,
  quick: QuickFigures,
): ReadonlyMap<CellId, CellProgress> {
  const before = cells.get(record.cell) ?? { valid: 0, ended: 0, figures: [] };
  const valid = record.outcome.kind === 'completed';
  return new Map([
    ...cells,
    [
      record.cell,
      {
        valid: before.valid + (valid ? 1 : 0),
        ended: before.ended + 1,
        figures: valid ? [...before.figures, quick] : before.figures,
      },
    ],
  ]);
}
