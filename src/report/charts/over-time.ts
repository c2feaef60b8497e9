import type { CellAnalysis, CourseKey, WorkloadAnalysis } from '../../analysis/analysis.ts';
import { commonScale } from '../../units/format-units.ts';
import type { MetricUnit } from '../../units/format-units.ts';
import type { Theme } from '../theme.ts';
import { levelPaints } from './levels.ts';
import { drawnCourses, simplified } from './drawn-courses.ts';
import type { Chart, Layer, Panel } from './spec.ts';
import { baseSpec } from './spec.ts';

const PANEL = { width: 142, height: 84, gap: 12, axis: 44 } as const;

/** How far, in chart units, a line may be from the points that it was drawn through. */
const TOLERANCE = 0.3;

/** What is drawn over time, from top to bottom. */
const QUANTITIES: readonly { readonly key: CourseKey; readonly name: string; readonly unit: MetricUnit }[] = [
  { key: 'rss', name: 'RSS', unit: 'bytes' },
  { key: 'heapSys', name: 'HeapSys', unit: 'bytes' },
  { key: 'heapInuse', name: 'HeapInuse', unit: 'bytes' },
  { key: 'heapLive', name: 'live heap', unit: 'bytes' },
  { key: 'gcCpu', name: 'GC CPU, of GOMAXPROCS × time', unit: 'fraction' },
];

/**
 * The course of memory and GC CPU in every cell: a row for each quantity with one scale, a column for each cell; all
 * trials thin, their median bold. Undefined where no trial has a course.
 */
export function overTimeChart(workload: WorkloadAnalysis, theme: Theme, id: string): Chart | undefined {
  const cells = workload.cells.filter(({ courses }) => courses.length > 0);
  if (cells.length === 0) return undefined;
  const times = cells.flatMap(({ courses }) =>
    courses.flatMap(({ seconds }) => [seconds[0] ?? 0, seconds.at(-1) ?? 0]),
  );
  const span = [Math.min(...times), Math.max(...times)] as const;
  const paints = levelPaints(workload.cells, theme);
  const rows = QUANTITIES.flatMap(({ key, name, unit }) => {
    const row = panels(cells, key, name, unit, span, theme, paints);
    return row === undefined ? [] : [row];
  });
  if (rows.length === 0) return undefined;
  const width = PANEL.axis + cells.length * (PANEL.width + PANEL.gap) + 16;
  return {
    id,
    title: 'Memory and GC CPU over time',
    description: `Time series of ${rows.map(({ name }) => name).join(', ')} over the window in each cell: every trial as a thin line, their median as a bold one.`,
    minWidth: Math.round(width * 0.82),
    maxWidth: Math.round(width * 1.25),
    spec: {
      ...baseSpec(theme),
      spacing: 14,
      vconcat: rows.map(({ spec }, i) => spec(i === 0, i === rows.length - 1)),
    },
  };
}

function panels(
  cells: readonly CellAnalysis[],
  key: CourseKey,
  name: string,
  unit: MetricUnit,
  [start, end]: readonly [number, number],
  theme: Theme,
  paints: ReadonlyMap<string, string>,
): { name: string; spec: (first: boolean, last: boolean) => Panel } | undefined {
  const drawn = cells.map((cell) => drawnCourses(cell.courses, key));
  const all = drawn.flatMap(({ trials, median }) =>
    [...trials, median].flatMap((line) => line.map(([, value]) => value)),
  );
  if (all.length === 0) return undefined;
  const most = Math.max(...all) * 1.05 || 1;
  const scale = commonScale([most], unit);
  const values = cells.flatMap((cell, i) => {
    const { trials = [], median = [] } = drawn[i] ?? {};
    const lines = [...trials, median].map((line) =>
      simplified(line, PANEL.width / (end - start), PANEL.height / most, TOLERANCE),
    );
    return lines.flatMap((line, t) =>
      line.map(([s, v]) => ({
        c: i,
        t,
        k: t === trials.length ? 'median' : 'trial',
        p: paints.get(cell.id),
        s,
        v: v / scale.divisor,
      })),
    );
  });
  // A label with a memory limit is too long for one line.
  const labels = JSON.stringify(cells.map(({ label }) => label.split(/ (?=GOMEMLIMIT=)/)));
  const spec = (first: boolean, last: boolean): Panel => ({
    title: { text: scale.suffix === '' ? name : `${name}, ${scale.suffix}`, frame: 'bounds', offset: first ? 4 : 2 },
    data: { values },
    facet: {
      column: {
        field: 'c',
        type: 'ordinal',
        header: first ? { labelExpr: `${labels}[datum.value]`, title: null } : { labels: false, title: null },
      },
    },
    spacing: PANEL.gap,
    spec: {
      width: PANEL.width,
      height: PANEL.height,
      layer: [
        ...(start < 0
          ? [
              {
                data: { values: [{ from: start, to: 0 }] },
                mark: { type: 'rect', fill: theme.token('noise'), opacity: 0.7 },
                encoding: { x: { field: 'from', type: 'quantitative' }, x2: { field: 'to' } },
              } satisfies Layer,
            ]
          : []),
        {
          mark: { type: 'line', strokeJoin: 'round' },
          encoding: {
            x: {
              field: 's',
              type: 'quantitative',
              title: null,
              scale: { domain: [start, end], nice: false },
              axis: { tickCount: 3, grid: false, labels: last, ticks: last, labelExpr: "datum.label + ' s'" },
            },
            y: {
              field: 'v',
              type: 'quantitative',
              title: null,
              scale: { domain: [0, most / scale.divisor], nice: false },
              axis: { tickCount: 3, minExtent: PANEL.axis, maxExtent: PANEL.axis },
            },
            detail: { field: 't', type: 'ordinal' },
            stroke: {
              condition: { test: "datum.k === 'median'", field: 'p', type: 'nominal', scale: null },
              value: theme.token('trial'),
            },
            strokeWidth: { condition: { test: "datum.k === 'median'", value: 2 }, value: 0.7 },
            strokeOpacity: { condition: { test: "datum.k === 'median'", value: 1 }, value: 0.6 },
          },
        },
      ],
    },
  });
  return { name, spec };
}
