import { precisionText } from './lasting-line.ts';
import { plainText } from '../../text/plain-text.ts';
import { formatBytes, formatWait, formatFraction, formatSeconds } from '../../units/format-units.ts';
import { medianFigure, type CurrentTrial, type ProgressState } from './progress-state.ts';
import { writeText } from '../../report/document/write-text.ts';
import { dressOf, type Style } from './style.ts';
import { cutText, textWidth } from '../../text/text-width.ts';

const BAR_COLUMNS = 24;
/** Lines above the table of cells: place, figures, bar, blank, head. */
const LINES_BESIDE_CELLS = 5;

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
    cut(placeLine(state, run.trials, run.blocks, style)),
    cut(currentLine(state.current, nowSeconds, style)),
    progressLine(state, run.trials, nowSeconds, width, style),
    ...(state.precision === undefined ? [] : [cut(precisionText(state.precision))]),
  ].slice(0, most);
  const room = most - LINES_BESIDE_CELLS - (state.precision === undefined ? 0 : 1);
  return room < 1 || state.cells.size === 0 ? lines : [...lines, '', ...cellLines(state, room, width, style)];
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
  const left = Math.max(0, (state.endsSeconds ?? nowSeconds) - nowSeconds);
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

/** Columns of the table of cells, the most telling first: on a narrow terminal the last ones are left out. */
const figureColumns = [
  { head: 'anon memory', key: 'anonBytes', text: formatBytes },
  { head: 'GC CPU', key: 'gcCpuFraction', text: formatFraction },
  { head: 'CPU/request', key: 'cpuPerRequestSeconds', text: formatSeconds },
] as const;

function cellLines(state: ProgressState, room: number, width: number, style: Style): readonly string[] {
  const cells = [...state.cells];
  const shown = cells.length > room ? cells.slice(0, room - 1) : cells;
  const table = (figures: number): readonly string[] => {
    const columns = figureColumns.slice(0, figures);
    const rows = shown.map(([id, cell]) => {
      const texts = [
        id,
        cell.valid === cell.ended ? String(cell.valid) : `${cell.valid}/${cell.ended}`,
        ...columns.map(({ key, text }) => {
          const median = medianFigure(cell, key);
          return median === undefined ? '-' : text(median);
        }),
      ];
      return {
        cells: id === state.current?.planned.cell ? texts.map((text) => [{ text, as: 'strong' as const }]) : texts,
      };
    });
    const heads = ['trials', ...columns.map(({ head }) => head)].map((head) => ({ head, align: 'right' }) as const);
    const block = { kind: 'table', name: 'Cells', columns: [{ head: 'cell', shrink: true }, ...heads], rows } as const;
    return writeText([block], { width, ...dressOf(style) })
      .trimEnd()
      .split('\n');
  };
  // A table that is broken has more lines than rows.
  const fits = (lines: readonly string[]): boolean =>
    lines.length === shown.length + 1 && lines.every((line) => textWidth(line) <= width);
  const fitting = [3, 2, 1, 0].map(table).find(fits) ?? [];
  const hidden = cells.length - shown.length;
  return hidden === 0 ? fitting : [...fitting, style.dim(cutText(`and ${hidden} more cells`, width, style.ellipsis))];
}
