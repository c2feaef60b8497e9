import type { CellAnalysis, Composition, WorkloadAnalysis } from '../../analysis/analysis.ts';
import { commonScale } from '../../units/format-units.ts';
import type { UnitScale } from '../../units/format-units.ts';
import { MEMORY_PARTS } from '../memory-parts.ts';
import { textWidth } from '../text-metrics.ts';
import type { Theme } from '../theme.ts';
import type { Chart, Position } from './spec.ts';
import { baseSpec, FONT } from './spec.ts';

const ROW = 30;
const BAR = 20;
/** Both panels together, without the labels at the left. */
const WIDTH = 820;
const LEAST_RELEASED = 70;
/** Room behind the longest bar for its RSS in figures, and behind what was given back. */
const RSS_LABEL = 70;
const BACK_LABEL = 34;

/**
 * Where memory is in each cell: the parts that add up to RSS stacked, a tick at RSS itself, and what was given back to
 * the system hatched beside it on the same scale, which is that of all workloads `together`. Undefined where the target shows no MemStats.
 */
export function compositionChart(
  workload: WorkloadAnalysis,
  theme: Theme,
  id: string,
  together: readonly WorkloadAnalysis[] = [workload],
): Chart | undefined {
  const cells = composed(workload);
  if (cells.length === 0) return undefined;
  const bars = cells.map(({ parts }) => stacked(parts));
  const all = together.flatMap(composed).map(({ parts }) => parts);
  const longest = Math.max(...all.map((parts) => Math.max(stacked(parts).end, parts.rss?.value ?? 0)));
  const released = Math.max(...all.map((parts) => parts.released.value));
  const perByte = Math.min(
    (WIDTH - RSS_LABEL - BACK_LABEL) / (longest + released || 1),
    (WIDTH - RSS_LABEL - BACK_LABEL - LEAST_RELEASED) / (longest || 1),
  );
  const scale = commonScale([longest, released], 'bytes');
  const unitsPer = perByte * scale.divisor;
  const widths = { main: longest * perByte + RSS_LABEL, released: Math.max(LEAST_RELEASED, released * perByte) };
  const at = (row: number): number => row * ROW + ROW / 2;
  const [ink, paper] = [theme.token('ink'), theme.token('paper')];
  const segments = bars.flatMap(({ segments: own, resident }, row) =>
    own.map(({ part, from, to }) => ({
      x: from / scale.divisor,
      x2: to / scale.divisor,
      top: at(row) - BAR / 2,
      bottom: at(row) + BAR / 2,
      fill: theme.token(part.fill),
      ink: theme.token(part.ink),
      text: fitting(scale, to - from, (Math.min(to, resident) - from) * perByte),
      middle: (from + Math.min(to, resident)) / 2 / scale.divisor,
      row: at(row),
    })),
  );
  const missing = bars.flatMap(({ missing: own }, row) =>
    own === undefined
      ? []
      : [
          {
            x: own.from / scale.divisor,
            x2: own.to / scale.divisor,
            top: at(row) - BAR / 2,
            bottom: at(row) + BAR / 2,
          },
        ],
  );
  const ticks = cells.flatMap(({ parts }, row) => {
    const rss = parts.rss?.value;
    if (rss === undefined) return [];
    const end = Math.max(bars[row]?.end ?? 0, rss);
    return [
      {
        x: rss / scale.divisor,
        top: at(row) - BAR / 2 - 4,
        bottom: at(row) + BAR / 2 + 4,
        row: at(row),
        end: end / scale.divisor,
        text: `RSS ${scale.number(rss)}`,
      },
    ];
  });
  const backs = cells.map(({ parts }, row) => ({
    x: 0,
    x2: parts.released.value / scale.divisor,
    top: at(row) - BAR / 2,
    bottom: at(row) + BAR / 2,
    row: at(row),
    text: scale.number(parts.released.value),
  }));
  const hatch = `${id}-hatch`;
  const height = cells.length * ROW;
  const yScale = { domain: [0, height], range: [0, height], nice: false, zero: false };
  const y: Position = { field: 'top', type: 'quantitative', scale: yScale, axis: null };
  const row: Position = { ...y, field: 'row' };
  const xOf = (units: number, title: string): Position => ({
    field: 'x',
    type: 'quantitative',
    title,
    scale: { domain: [0, units / unitsPer], nice: false },
    axis: { tickCount: Math.max(2, Math.floor(units / 80)), grid: false },
  });
  const x = xOf(widths.main, `resident, ${scale.suffix}`);
  const back = xOf(widths.released, `returned, ${scale.suffix}`);
  return {
    id,
    title: 'Where the memory is',
    description: `For each cell the parts of resident memory as a stacked bar: ${MEMORY_PARTS.map(({ name }) => name).join(', ')}; a tick at RSS; memory returned to the system next to it. The numbers are in the table below it.`,
    // Drawn, but no part of the sum.
    definitions: `<pattern id="${hatch}" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0,0V5" stroke="${theme.token('trial')}" stroke-width="1.5"/></pattern>`,
    minWidth: 760,
    maxWidth: 1080,
    spec: {
      ...baseSpec(theme),
      spacing: 24,
      hconcat: [
        {
          width: widths.main,
          height,
          layer: [
            {
              data: { values: segments },
              mark: { type: 'rect', stroke: paper, strokeWidth: 1 },
              encoding: {
                x,
                x2: { field: 'x2' },
                y,
                y2: { field: 'bottom' },
                fill: { field: 'fill', type: 'nominal', scale: null },
              },
            },
            {
              data: { values: segments.filter(({ text }) => text !== undefined) },
              mark: { type: 'text', baseline: 'middle', fontSize: FONT.axis },
              encoding: {
                x: { ...x, field: 'middle' },
                y: row,
                text: { field: 'text' },
                fill: { field: 'ink', type: 'nominal', scale: null },
              },
            },
            {
              data: { values: cells.map(({ label }, i) => ({ x: 0, row: at(i), text: label })) },
              mark: { type: 'text', align: 'right', baseline: 'middle', dx: -8, fontSize: FONT.label },
              encoding: { x, y: row, text: { field: 'text' } },
            },
            {
              data: { values: missing },
              mark: { type: 'rect', fill: paper, fillOpacity: 0.55, stroke: ink, strokeWidth: 1, strokeDash: [3, 2] },
              encoding: { x, x2: { field: 'x2' }, y, y2: { field: 'bottom' } },
            },
            {
              data: { values: ticks },
              mark: { type: 'rule', stroke: ink, strokeWidth: 2 },
              encoding: { x, y, y2: { field: 'bottom' } },
            },
            {
              data: { values: ticks },
              mark: { type: 'text', align: 'left', baseline: 'middle', dx: 8, fontSize: FONT.label },
              encoding: { x: { ...x, field: 'end' }, y: row, text: { field: 'text' } },
            },
          ],
        },
        {
          width: widths.released,
          height,
          layer: [
            {
              data: { values: backs },
              mark: { type: 'rect', fill: `url(#${hatch})`, stroke: theme.token('trial'), strokeWidth: 0.75 },
              encoding: { x: back, x2: { field: 'x2' }, y, y2: { field: 'bottom' } },
            },
            {
              data: { values: backs },
              mark: { type: 'text', align: 'left', baseline: 'middle', dx: 6, fontSize: FONT.axis },
              encoding: { x: { ...back, field: 'x2' }, y: row, text: { field: 'text' } },
            },
          ],
        },
      ],
    },
  };
}

function composed({ cells }: WorkloadAnalysis): readonly (CellAnalysis & { readonly parts: Composition })[] {
  return cells.flatMap((cell) => (cell.composition === undefined ? [] : [{ ...cell, parts: cell.composition }]));
}

/** Parts laid end to end. A negative rest is not stacked: it says how much of Go's memory is not resident. */
function stacked(parts: Composition) {
  let end = 0;
  const segments = MEMORY_PARTS.flatMap((part) => {
    const value = parts[part.key]?.value ?? 0;
    if (value <= 0) return [];
    const from = end;
    end += value;
    return [{ part, from, to: end }];
  });
  const rest = parts.outsideGo?.value ?? 0;
  const missing = rest < 0 ? { from: Math.max(0, end + rest), to: end } : undefined;
  return { segments, end, missing, resident: missing?.from ?? end };
}

function fitting(scale: UnitScale, bytes: number, units: number): string | undefined {
  const text = scale.number(bytes);
  return textWidth(text, FONT.axis) + 6 <= units ? text : undefined;
}
