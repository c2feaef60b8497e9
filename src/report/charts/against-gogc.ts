import type { CellAnalysis, WorkloadAnalysis } from '../../analysis/analysis.ts';
import { formatBytes } from '../../units/format-units.ts';
import type { MetricDefinition } from '../../metrics/metrics.ts';
import { metricName } from '../comparison.ts';
import { columnScale } from '../column-scale.ts';
import type { Theme } from '../theme.ts';
import { byLevel, gogcAxis, levelPaints } from './levels.ts';
import { spread } from './place-labels.ts';
import type { Chart, Layer, Position } from './spec.ts';
import { baseSpec, FONT } from './spec.ts';

const WIDTH = 330;
const HEIGHT = 155;
/** The dots of a cell's trials stand in a strip this wide to the left of the median, in chart units. */
const STRIP = { from: -13, to: -6 } as const;
/** How far the A/A cell stands to the right of its baseline, and cells of a further GOMEMLIMIT of each other. */
const DODGE = 24;
/** Pieces that a curve is drawn in. */
const CURVE_STEPS = 40;

/**
 * One metric against GOGC on a logarithmic axis: a dot for each trial, the median with its interval for each cell, and
 * the cost model's law where the metric has one.
 * Undefined where the workload has no figures of it.
 */
export function againstGogcChart(
  workload: WorkloadAnalysis,
  metric: MetricDefinition,
  theme: Theme,
  id: string,
): Chart | undefined {
  const cells = workload.cells.filter(({ estimates }) => estimates[metric.id] !== undefined).toSorted(byLevel);
  const estimates = cells.flatMap(({ estimates: all }) => all[metric.id] ?? []);
  if (estimates.length === 0) return undefined;
  const scale = columnScale(estimates, metric.unit);
  const axis = gogcAxis(workload.cells, WIDTH);
  const lost = workload.cells.filter(({ valid, attempted, role }) => valid === 0 && attempted > 0 && role === 'level');
  const limits = [...new Set([...cells, ...lost].map(({ levels }) => String(levels.gomemlimit)))];
  // What stands beside a median comes nearer to it where levels are close together.
  const crowding = Math.min(1, axis.closest / (DODGE * (limits.length + 1)));
  const paints = levelPaints(workload.cells, theme);
  const place = (cell: CellAnalysis): number => {
    const lane = limits.indexOf(String(cell.levels.gomemlimit)) - (limits.length - 1) / 2;
    return axis.shifted(axis.at(cell.levels.gogc), crowding * (lane * DODGE + (cell.role === 'a-a' ? DODGE : 0)));
  };
  const dots = cells.flatMap((cell) =>
    (cell.values[metric.id] ?? []).map(({ value }, i, all) => ({
      x: axis.shifted(
        place(cell),
        crowding * (STRIP.from + (all.length < 2 ? 0.5 : i / (all.length - 1)) * (STRIP.to - STRIP.from)),
      ),
      y: value / scale.divisor,
    })),
  );
  const medians = cells.map((cell) => {
    const estimate = cell.estimates[metric.id];
    const shown = (value: number | null | undefined): number | null =>
      value === null || value === undefined ? null : value / scale.divisor;
    return {
      x: place(cell),
      y: shown(estimate?.value),
      low: shown(estimate?.low),
      high: shown(estimate?.high),
      paint: paints.get(cell.id) ?? theme.token('ink'),
      inside: cell.role === 'a-a' ? theme.token('paper') : (paints.get(cell.id) ?? theme.token('ink')),
      aa: cell.role === 'a-a',
      line: `${cell.levels.gomemlimit} ${cell.levels.gogc === 'off' ? 'off' : ''}`,
    };
  });
  const law = lawCurve(workload, metric, scale.divisor);
  const limited = new Set(medians.map(({ line }) => line)).size > 1;
  const all = [...dots.map(({ y }) => y), ...law.map(({ y }) => y), ...medians.flatMap(({ high }) => high ?? [])];
  const most = Math.max(...all) * 1.06 || 1;
  const x: Position = {
    field: 'x',
    type: 'quantitative',
    title: 'GOGC',
    scale: { type: 'log', domain: [...axis.domain], nice: false },
    axis: {
      values: [...axis.ticks],
      grid: false,
      labelExpr:
        axis.off === undefined
          ? "format(datum.value, 'd')"
          : `datum.value === ${axis.off} ? 'off' : format(datum.value, 'd')`,
      labelOverlap: 'greedy',
    },
  };
  const y: Position = {
    field: 'y',
    type: 'quantitative',
    title: null,
    scale: { domain: [0, most], nice: false },
    axis: { tickCount: 4, minExtent: 34 },
  };
  const unit = scale.suffix === '' ? '' : `, ${scale.suffix}`;
  return {
    id,
    title: `${metric.label} against GOGC`,
    description: `${metric.label} of each cell: trials as dots, the median with its interval. The numbers are in the table below it.`,
    minWidth: 330,
    maxWidth: 520,
    spec: {
      ...baseSpec(theme),
      width: WIDTH,
      height: HEIGHT,
      title: { text: `${metricName(workload, metric.id, metric)}${unit}` },
      layer: [
        ...(axis.off === undefined
          ? []
          : [
              {
                data: { values: [{ x: Math.sqrt(axis.off * (axis.ticks.at(-2) ?? axis.off)) }] },
                mark: { type: 'rule', stroke: theme.token('rule'), strokeDash: [2, 3] },
                encoding: { x },
              } satisfies Layer,
            ]),
        {
          // Where the law is drawn, a line through the medians would say the same again.
          data: { values: law.length > 0 && !limited ? [] : medians.filter(({ aa }) => !aa) },
          mark: { type: 'line', stroke: theme.token('trial'), strokeWidth: 1 },
          encoding: { x, y, detail: { field: 'line', type: 'nominal' } },
        },
        {
          data: { values: law },
          mark: { type: 'line', stroke: theme.token('muted'), strokeWidth: 1, strokeDash: [4, 3] },
          encoding: { x, y },
        },
        {
          data: { values: dots },
          mark: { type: 'circle', size: 7, fill: theme.token('trial'), opacity: 0.8 },
          encoding: { x, y },
        },
        {
          data: { values: medians.filter(({ low }) => low !== null) },
          mark: { type: 'rule', strokeWidth: 2.5, strokeCap: 'round' },
          encoding: {
            x,
            y: { ...y, field: 'low' },
            y2: { field: 'high' },
            stroke: { field: 'paint', type: 'nominal', scale: null },
          },
        },
        {
          data: { values: limitNames(cells, medians, axis.domain[1], most) },
          mark: { type: 'text', align: 'left', baseline: 'middle', dx: 5, fontSize: FONT.axis },
          encoding: { x, y, text: { field: 'text' }, fill: { field: 'paint', type: 'nominal', scale: null } },
        },
        {
          data: { values: lost.map((cell) => ({ x: place(cell), y: most * 0.05 })) },
          mark: {
            type: 'point',
            shape: 'M-.5-.5L.5.5M.5-.5L-.5.5',
            size: 70,
            filled: false,
            stroke: theme.token('caution'),
            strokeWidth: 1.75,
            opacity: 1,
          },
          encoding: { x, y },
        },
        {
          data: { values: medians },
          mark: { type: 'point', filled: true, size: 32, strokeWidth: 1.5, opacity: 1 },
          encoding: {
            x,
            y,
            fill: { field: 'inside', type: 'nominal', scale: null },
            stroke: { field: 'paint', type: 'nominal', scale: null },
          },
        },
      ],
    },
  };
}

/** The cost model's law over the levels that it is fitted to; empty where there is none. */
function lawCurve(
  { model }: WorkloadAnalysis,
  { id }: MetricDefinition,
  divisor: number,
): readonly { readonly x: number; readonly y: number }[] {
  const law = model?.laws.find(({ metric }) => metric === id);
  if (law === undefined) return [];
  const fitted = law.cells.flatMap(({ gogc, excluded }) => (excluded !== undefined || gogc === 'off' ? [] : [gogc]));
  const [least, most] = [Math.min(...fitted), Math.max(...fitted)];
  return Array.from({ length: CURVE_STEPS + 1 }, (_, i) => {
    const gogc = least * (most / least) ** (i / CURVE_STEPS);
    const regressor = law.kind === 'memory' ? gogc / 100 : 100 / gogc;
    return { x: gogc, y: (law.intercept.value + law.slope.value * regressor) / divisor };
  });
}

/** Where more than one GOMEMLIMIT was run, the name of each at the right edge, beside the end of its line. */
function limitNames(
  cells: readonly CellAnalysis[],
  medians: readonly { readonly y: number | null; readonly paint: string }[],
  edge: number,
  most: number,
): readonly { readonly x: number; readonly y: number; readonly text: string; readonly paint: string }[] {
  const lasts = Map.groupBy(
    cells.flatMap((cell, i) => (cell.role === 'level' ? [{ limit: cell.levels.gomemlimit, median: medians[i] }] : [])),
    ({ limit }) => limit,
  );
  if (lasts.size < 2) return [];
  const ends = [...lasts].map(([limit, all]) => ({ limit, median: all.at(-1)?.median }));
  const places = spread(
    ends.map(({ median }) => HEIGHT * (1 - (median?.y ?? 0) / most)),
    FONT.axis + 2,
    0,
    HEIGHT,
  );
  return ends.map(({ limit, median }, i) => ({
    x: edge,
    y: (1 - (places[i] ?? 0) / HEIGHT) * most,
    text: limit === 'off' ? 'no limit' : formatBytes(limit),
    paint: median?.paint ?? '',
  }));
}
