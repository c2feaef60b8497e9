import type { CellAnalysis, CourseKey, WorkloadAnalysis } from '../../analysis/analysis.ts';
import { commonScale } from '../../units/format-units.ts';
import type { MetricUnit, UnitScale } from '../../units/format-units.ts';
import type { Html } from '../html.ts';
import { html } from '../html.ts';
import type { Theme } from '../theme.ts';
import { ticksOf } from './axis-ticks.ts';
import { levelPaints } from './levels.ts';
import { PLOT } from './over-time-plot.ts';
import { pathOf } from './svg-path.ts';
import { drawnCourses, simplified, type DrawnCourses, type Line } from './drawn-courses.ts';

/** Room for the labels of the axes. */
const MARGIN = { left: 340, right: 60, top: 60, bottom: 190 } as const;
const LABEL = 112;
/** How far, in those units, a line may be from the points that it was drawn through. */
const TOLERANCE = 4;

/** What is drawn over time, from top to bottom; `rest` is folded. */
const QUANTITIES: readonly {
  readonly key: CourseKey;
  readonly name: string;
  readonly unit: MetricUnit;
  readonly rest?: boolean;
}[] = [
  { key: 'rss', name: 'RSS', unit: 'bytes' },
  { key: 'heapLive', name: 'live heap', unit: 'bytes' },
  { key: 'gcCpu', name: 'GC CPU, of GOMAXPROCS × time', unit: 'fraction' },
  { key: 'heapInuse', name: 'HeapInuse', unit: 'bytes', rest: true },
  { key: 'heapSys', name: 'HeapSys', unit: 'bytes', rest: true },
];

/** What one drawing shows: where its lines begin and end, in seconds, and the largest value that it has room for. */
interface Extent {
  readonly from: number;
  readonly to: number;
  readonly most: number;
}

/**
 * The course of memory and GC CPU in every cell of a workload: for each quantity a row of panels with one scale. The paths
 * are all that the page has of the courses: its script reads them where somebody looks closer. Undefined without any.
 */
export function overTimePanels(workload: WorkloadAnalysis, theme: Theme): Html | undefined {
  const cells = workload.cells.filter(({ courses }) => courses.length > 0);
  const times = cells.flatMap(({ courses }) =>
    courses.flatMap(({ seconds }) => [seconds[0] ?? 0, seconds.at(-1) ?? 0]),
  );
  const span = { from: Math.min(...times), to: Math.max(...times) };
  const paints = levelPaints(workload.cells, theme);
  const rows = QUANTITIES.flatMap((quantity) => {
    const row = panels(quantity, cells, span, paints);
    return row === undefined ? [] : [{ row, rest: quantity.rest === true, name: quantity.name }];
  });
  if (rows.length === 0) return undefined;
  const folded = rows.filter(({ rest }) => rest);
  return html`<div class="over-time" data-workload="${workload.workload}">
    ${rows.flatMap(({ row, rest }) => (rest ? [] : row))}
    ${
      folded.length > 0 &&
      html`<details class="numbers">
        <summary>${folded.map(({ name }) => name).join(' and ')}</summary>
        ${folded.map(({ row }) => row)}
      </details>`
    }
  </div>`;
}

function panels(
  { key, name, unit }: (typeof QUANTITIES)[number],
  cells: readonly CellAnalysis[],
  span: Omit<Extent, 'most'>,
  paints: ReadonlyMap<string, string>,
): Html | undefined {
  const drawn = cells.map((cell) => drawnCourses(cell.courses, key));
  const values = drawn.flatMap(({ trials, median, between }) =>
    [...trials, median, ...(between ?? [])].flatMap((line) => line.map(([, value]) => value)),
  );
  if (values.length === 0) return undefined;
  const extent = { ...span, most: Math.max(...values) * 1.05 || 1 };
  const scale = commonScale([extent.most], unit);
  const title = scale.suffix === '' ? name : `${name}, ${scale.suffix}`;
  const figures = [extent.from, extent.to, extent.most / scale.divisor].map((value) => value.toPrecision(6)).join(' ');
  return html`<p class="quantity">${title}</p>
    <div
      class="courses"
      role="img"
      aria-label="${name} over the window in ${cells.map(({ label }) => label).join(', ')}; the medians are in the table below"
      data-name="${name}"
      data-unit="${scale.suffix}"
      data-extent="${figures}"
    >
      ${cells.map((cell, i) => panel(cell, drawn[i], extent, scale, paints.get(cell.id)))}
    </div>`;
}

function panel(
  { label, baseline, role }: CellAnalysis,
  drawn: DrawnCourses | undefined,
  extent: Extent,
  scale: UnitScale,
  paint = '',
): Html {
  const { trials = [], median = [], between } = drawn ?? {};
  const { from, to, most } = extent;
  const { left, right, top, bottom } = MARGIN;
  const box = [-left, -top, left + PLOT.width + right, top + PLOT.height + bottom].join(' ');
  const x = (seconds: number): number => Math.round(((seconds - from) / (to - from || 1)) * PLOT.width);
  const y = (value: number): number => Math.round((1 - value / most) * PLOT.height);
  const path = (line: Line, command = 'M'): string =>
    pathOf(
      simplified(line, PLOT.width / (to - from || 1), PLOT.height / most, TOLERANCE).map(([s, v]) => [x(s), y(v)]),
      command,
    );
  const [low, high] = between ?? [];
  return html`<div
    class="course"
    data-cell="${label}"
    ${baseline && role === 'level' && html` data-baseline`}
    style="--paint:${paint}"
  >
    <span>${label}</span>
    <svg viewBox="${box}" font-size="${LABEL}">
      ${from < 0 && html`<rect class="before" width="${x(0)}" height="${PLOT.height}" />`}${ticksOf(
        most / scale.divisor,
      ).map((tick) => {
        const at = y(tick * scale.divisor);
        return html`<path class="grid" d="M0 ${at}h${PLOT.width}" /><text class="up" x="-50" y="${at + 38}"
            >${tick}</text
          >`;
      })}${ticksOf(to, 2).map((tick) => html`<text x="${x(tick)}" y="${PLOT.height + 150}">${tick} s</text>`)}${low !== undefined && high !== undefined && html`<path class="between" d="${path(high)}${path(low.toReversed(), 'L')}z" />`}${trials.length > 0 && html`<path class="trials" d="${trials.map((line) => path(line)).join('')}" />`}
      <path class="median" d="${path(median)}" />
    </svg>
  </div>`;
}
