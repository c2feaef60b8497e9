import { precisionText } from './lasting-line.ts';
import { plainText } from '../../text/plain-text.ts';
import { formatBytes, formatWait, formatFraction, formatSeconds } from '../../units/format-units.ts';
import { medianFigure, secondsLeft, type CurrentTrial, type ProgressState } from './progress-state.ts';
import { fittingTable } from '../../report/document/fitting-table.ts';
import type { CellId } from '../../experiment/plan/plan.ts';
import { dressOf, type Style } from './style.ts';
import { cutText, textWidth } from '../../text/text-width.ts';

const BAR_COLUMNS = 24;
/** Lines above the table of cells: place, figures, bar, blank, head. */
const LINES_BESIDE_CELLS = 5;
/** So many cells are shown before what is known of them. */
const LEAST_CELLS = 2;

/** The lines of the live display; at most as many and as wide as the terminal takes without scrolling or wrapping. */
export function frame(
  state: ProgressState,
  nowSeconds: number,
  size: { readonly columns: number; readonly rows: number },
  style: Style,
): readonly string[] {
  // The last column stays free: some terminals wrap as soon as it is written.
  const width = Math.max(1, size.columns - 1);
  const most = Math.max(1, size.rows - 1);
  const { run } = state;
  const cut = (text: string): string => cutText(style.text(text), width, style.ellipsis);
  if (run === undefined) {
    return [
      cut(`${plainText(state.note ?? 'getting ready')} ${style.dot} ${formatWait(nowSeconds - state.startedSeconds)}`),
    ];
  }
  const lines = [
    cut(placeLine(state, run.trials, run.ofBlocks ?? run.blocks, style)),
    cut(currentLine(state.current, nowSeconds, style)),
    progressLine(state, run.trials, nowSeconds, width, style),
    ...(state.precision === undefined ? [] : [cut(precisionText(state.precision))]),
  ].slice(0, most);
  const room = most - LINES_BESIDE_CELLS - (state.precision === undefined ? 0 : 1);
  if (room < 1 || state.cells.size === 0) return lines;
  const so = soFar(state, run.ofBlocks ?? run.blocks, width, style);
  // What is known comes first where there is no room for it and the cells.
  const kept = room - so.length < Math.min(LEAST_CELLS, state.cells.size) ? [] : so;
  return [...lines, '', ...cellLines(state, room - kept.length, width, style), ...kept];
}

/** What is clear already, and what the changes are of: an interval is that of a number of blocks that was fixed before. */
function soFar({ interim }: ProgressState, blocks: number, width: number, style: Style): readonly string[] {
  if (interim === undefined || interim.heads.length === 0) return [];
  const { block, clear } = interim;
  const cut = (text: string): string => cutText(style.text(plainText(text)), width, style.ellipsis);
  const of = `${clear.length === 0 ? 'changes' : 'clear'} after block ${block} of ${blocks}`;
  return [
    ...clear.map((text) => style.bold(cut(text))),
    style.dim(cut(`${of}; intervals hold if the run goes on as planned`)),
  ];
}

function placeLine(state: ProgressState, trials: number, blocks: number, style: Style): string {
  const { current } = state;
  if (current === undefined) return `trial ${Math.min(state.ended, trials)} of ${trials} has ended`;
  const { planned, attempt, index } = current;
  return [
    `block ${planned.block} of ${blocks}`,
    `trial ${index + 1} of ${trials}${attempt > 1 ? ` (attempt ${attempt})` : ''}`,
    plainText(planned.cell),
  ].join(` ${style.dot} `);
}

function currentLine(current: CurrentTrial | undefined, nowSeconds: number, style: Style): string {
  if (current === undefined) return '';
  return [
    `${current.phase ?? 'launch'} ${formatWait(nowSeconds - current.phaseSinceSeconds)}`,
    ...(current.rssBytes === undefined ? [] : [`RSS ${formatBytes(current.rssBytes)}`]),
    ...(current.gcCpuFraction === undefined ? [] : [`GC CPU since start ${formatFraction(current.gcCpuFraction)}`]),
  ].join(` ${style.dot} `);
}

function progressLine(state: ProgressState, trials: number, nowSeconds: number, width: number, style: Style): string {
  const left = secondsLeft(state, nowSeconds);
  const elapsed = nowSeconds - state.startedSeconds;
  const done = elapsed + left > 0 ? elapsed / (elapsed + left) : 0;
  // Time, not trials, fills the bar; but it is full only when the last trial has ended.
  const share = state.ended >= trials ? 1 : Math.min(0.99, done);
  const text = `${Math.floor(share * 100)} % ${style.dot} ${formatWait(elapsed)} so far ${style.dot} about ${formatWait(left)} left`;
  const columns = Math.min(BAR_COLUMNS, width - textWidth(text) - 1);
  if (columns < 4) return cutText(text, width, style.ellipsis);
  const full = Math.round(share * columns);
  return `${style.green(style.bar.full.repeat(full))}${style.dim(style.bar.empty.repeat(columns - full))} ${text}`;
}

/** Columns of the table of cells before anything is known of their changes. */
const FIGURES = [
  { head: 'anon memory', key: 'anonBytes', text: formatBytes },
  { head: 'GC CPU', key: 'gcCpuFraction', text: formatFraction },
  { head: 'CPU/request', key: 'cpuPerRequestSeconds', text: formatSeconds },
] as const;

/** The cells, the most telling columns first: on a narrow terminal the last ones are left out. */
function cellLines(state: ProgressState, room: number, width: number, style: Style): readonly string[] {
  const cells = [...state.cells];
  const shown = cells.length > room ? cells.slice(0, room - 1) : cells;
  const { heads = [], changes } = state.interim ?? {};
  const figures = heads.length === 0 ? FIGURES : FIGURES.filter(({ key }) => key === 'gcCpuFraction');
  const rows = shown.map(([id, cell]) => {
    const texts = [
      shortName(id),
      cell.valid === cell.ended ? String(cell.valid) : `${cell.valid}/${cell.ended}`,
      ...heads.map((_, i) => changes?.get(id)?.[i] ?? '-'),
      ...figures.map(({ key, text }) => {
        const median = medianFigure(cell, key);
        return median === undefined ? '-' : text(median);
      }),
    ];
    const as = rowDress(id, state);
    return { cells: as === undefined ? texts : texts.map((text) => [{ text, as }]) };
  });
  const columns = ['trials', ...heads, ...figures.map(({ head }) => head)];
  const table = {
    kind: 'table',
    name: 'Cells',
    columns: [{ head: 'cell', shrink: true }, ...columns.map((head) => ({ head, align: 'right' }) as const)],
    rows,
  } as const;
  const fitting = fittingTable(table, { least: 2, width, ...dressOf(style) });
  const hidden = cells.length - shown.length;
  return hidden === 0 ? fitting : [...fitting, style.dim(cutText(`and ${hidden} more cells`, width, style.ellipsis))];
}

/** The cell under way stands out; what only shows the noise stands back. */
function rowDress(id: CellId, { run, current }: ProgressState): 'strong' | 'dim' | undefined {
  if (id === current?.planned.cell) return 'strong';
  return run?.cells.find((cell) => cell.id === id)?.role === 'a-a' ? 'dim' : undefined;
}

/** `steady gogc=25 (A/A)`: a workload by its name alone. */
function shortName(id: CellId): string {
  return id.replace(/^(.*?) ?\bworkload=(\S+)/, (_, levels: string, workload: string) => `${workload} ${levels}`);
}
