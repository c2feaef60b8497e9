import type { SeriesExplanation, SeriesPoint, SeriesQuantity } from '../../analysis/explain/series.ts';
import { mebibyteScale } from '../../units/mebibytes.ts';
import { MEMORY_PARTS } from '../memory-parts.ts';
import type { Theme, TokenName } from '../theme.ts';
import type { Chart, Layer } from './spec.ts';
import { baseSpec } from './spec.ts';

/** So narrow that a telephone shows it nearly at its own size. */
const WIDTH = 340;
const HEIGHT = 190;
/** Most points along the axis: more than can be told apart. */
const MOST_POINTS = 160;

/** What is stacked, from the bottom up, with its colour; what was returned and is still resident is hatched. */
export const STACK: readonly (readonly [key: SeriesQuantity, fill: TokenName | undefined])[] = [
  ...MEMORY_PARTS.map(({ key, fill }) => [key === 'outsideGo' ? 'outside' : key, fill] as const),
  ['lazyFree', undefined],
];

/** The parts of a process's memory stacked over time, with RSS and the live heap as lines. Undefined for fewer than three readings. */
export function memoryCourseChart(series: SeriesExplanation, theme: Theme, id: string): Chart | undefined {
  const points = thinned(series.points);
  if (points.length < 3) return undefined;
  const most = Math.max(...points.flatMap(({ bytes }) => [stackOf(bytes), bytes.rss ?? 0])) * 1.05 || 1;
  const scale = mebibyteScale(most);
  const axis = timeAxis(series);
  const areas = points.flatMap(({ at, bytes }) => {
    let from = 0;
    return STACK.map(([key, fill], order) => {
      const value = Math.max(0, bytes[key] ?? 0);
      from += value;
      return {
        x: at / axis.size,
        from: (from - value) / scale.divisor,
        to: from / scale.divisor,
        fill: fill === undefined ? `url(#${id}-hatch)` : theme.token(fill),
        order,
      };
    });
  });
  const line = (key: SeriesQuantity) =>
    points.flatMap(({ at, bytes }) => {
      const value = bytes[key];
      return value === undefined ? [] : [{ x: at / axis.size, y: value / scale.divisor }];
    });
  const x = {
    field: 'x',
    type: 'quantitative',
    title: axis.title,
    scale: { nice: false, zero: false },
    axis: { tickCount: 5, grid: false },
  } as const;
  const yScale = { domain: [0, most / scale.divisor], nice: false };
  const layers: Layer[] = [
    {
      data: { values: areas },
      mark: { type: 'area', interpolate: 'linear', stroke: theme.token('paper'), strokeWidth: 0.5 },
      encoding: {
        x,
        y: { field: 'from', type: 'quantitative', title: 'MiB', scale: yScale, axis: { tickCount: 5 } },
        y2: { field: 'to' },
        fill: { field: 'fill', type: 'nominal', scale: null },
        detail: { field: 'order', type: 'nominal' },
      },
    },
    ...(line('live').length < 2
      ? []
      : [
          {
            data: { values: line('live') },
            mark: { type: 'line', stroke: theme.token('on-objects'), strokeWidth: 1.5, strokeDash: [4, 3] },
            encoding: { x, y: { field: 'y', type: 'quantitative', scale: yScale } },
          } satisfies Layer,
        ]),
    ...(line('rss').length < 2
      ? []
      : [
          {
            data: { values: line('rss') },
            mark: { type: 'line', stroke: theme.token('ink'), strokeWidth: 1.5 },
            encoding: { x, y: { field: 'y', type: 'quantitative', scale: yScale } },
          } satisfies Layer,
        ]),
  ];
  return {
    id,
    title: 'Memory over time',
    description: `Stacked areas of the parts of the memory over ${axis.title}, with RSS as a line and the live heap as a dashed one.`,
    definitions: `<pattern id="${id}-hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0,0V5" stroke="${theme.token('trial')}" stroke-width="1.5"/></pattern>`,
    minWidth: 300,
    maxWidth: 640,
    spec: { ...baseSpec(theme), width: WIDTH, height: HEIGHT, layer: layers },
  };
}

function stackOf(bytes: SeriesPoint['bytes']): number {
  return STACK.reduce((sum, [key]) => sum + Math.max(0, bytes[key] ?? 0), 0);
}

function thinned(points: readonly SeriesPoint[]): readonly SeriesPoint[] {
  if (points.length <= MOST_POINTS) return points;
  const step = (points.length - 1) / (MOST_POINTS - 1);
  return Array.from({ length: MOST_POINTS }, (_, i) => points[Math.round(i * step)]).filter(
    (point) => point !== undefined,
  );
}

function timeAxis({ clock, points }: SeriesExplanation): { readonly title: string; readonly size: number } {
  const span = points.at(-1)?.at ?? 0;
  if (clock === 'order') return { title: 'readings', size: 1 };
  if (span < 300) return { title: 'seconds', size: 1 };
  return span < 2 * 3600 ? { title: 'minutes', size: 60 } : { title: 'hours', size: 3600 };
}
