import type { TracedProcess, TraceSpan } from '../../analysis/gctrace/gctrace-document.ts';
import { commonScale, formatFraction, type MetricUnit } from '../../units/format-units.ts';
import type { Theme, TokenName } from '../theme.ts';
import { baseSpec, type Chart, type Layer, type Panel } from './spec.ts';

/** So narrow that a telephone shows it nearly at its own size. */
const WIDTH = 400;
const HEIGHT = 110;
const AXIS = 46;
const UNLIMITED_BYTES = 2 ** 62;

interface Line {
  readonly name: string;
  readonly colour: TokenName;
  readonly of: (span: TraceSpan) => number | undefined;
}

/** What is drawn over time, from top to bottom; lines of a panel have one scale. */
const PANELS: readonly {
  readonly name: string;
  readonly unit: MetricUnit;
  readonly mark: 'line' | 'step' | 'rule';
  readonly lines: readonly Line[];
}[] = [
  {
    name: 'heap',
    unit: 'bytes',
    mark: 'line',
    lines: [
      { name: 'goal', colour: 'unused', of: ({ heap }) => limited(heap?.mostGoalBytes) },
      { name: 'live after the cycle', colour: 'objects', of: ({ heap }) => heap?.mostLiveBytes },
    ],
  },
  {
    name: 'CPU of all P',
    unit: 'fraction',
    mark: 'step',
    lines: [
      { name: 'with idle marking', colour: 'trial', of: (span) => share(span, span.gcSeconds + span.idleSeconds) },
      { name: 'GC', colour: 'objects', of: (span) => share(span, span.gcSeconds) },
    ],
  },
  {
    name: 'longest pause',
    unit: 'seconds',
    mark: 'rule',
    lines: [
      {
        name: 'longest pause',
        colour: 'metadata',
        of: (span) => (span.cycles > 0 ? span.longestPauseSeconds : undefined),
      },
    ],
  },
];

/** Heap, GC CPU and pauses of one process over time; undefined where there are no two points. */
export function gctraceChart({ spans, number }: TracedProcess, theme: Theme, id: string): Chart | undefined {
  const panels = PANELS.flatMap((panel, i) => drawn(panel, spans, theme, i === PANELS.length - 1) ?? []);
  if (spans.length < 2 || panels.length === 0) return undefined;
  const worst = Math.max(...spans.map((span) => share(span, span.gcSeconds) ?? 0));
  return {
    id,
    title: `Process ${number} over time`,
    description: `Time series of ${PANELS.map(({ name }) => name).join(', ')}. GC CPU is at most ${formatFraction(worst)} in one of ${spans.length} spans.`,
    minWidth: 320,
    maxWidth: 860,
    spec: { ...baseSpec(theme), spacing: 16, vconcat: panels },
  };
}

function drawn(
  { name, unit, mark, lines }: (typeof PANELS)[number],
  spans: readonly TraceSpan[],
  theme: Theme,
  last: boolean,
): Panel | undefined {
  const points = lines.flatMap((line, l) =>
    spans.flatMap((span) => {
      const value = line.of(span);
      return value === undefined
        ? []
        : [{ l, at: (span.fromSeconds + span.toSeconds) / 2, value, colour: theme.token(line.colour) }];
    }),
  );
  if (points.length === 0) return undefined;
  const most = Math.max(...points.map(({ value }) => value)) * 1.05 || 1;
  const scale = commonScale([most], unit);
  const [from, to] = [spans[0]?.fromSeconds ?? 0, spans.at(-1)?.toSeconds ?? 1];
  const layer: Layer = {
    data: { values: points.map(({ value, ...point }) => ({ ...point, value: value / scale.divisor })) },
    mark:
      mark === 'rule'
        ? { type: 'rule', strokeWidth: 2 }
        : { type: 'line', strokeJoin: 'round', strokeWidth: 1.6, interpolate: mark === 'step' ? 'step' : 'linear' },
    encoding: {
      x: {
        field: 'at',
        type: 'quantitative',
        title: null,
        scale: { domain: [from, to], nice: false },
        axis: { tickCount: 4, grid: false, labels: last, ticks: last, labelExpr: "datum.label + ' s'" },
      },
      y: {
        field: 'value',
        type: 'quantitative',
        title: null,
        scale: { domain: [0, most / scale.divisor], nice: false },
        axis: { tickCount: 3, minExtent: AXIS, maxExtent: AXIS },
      },
      ...(mark === 'rule' ? { y2: { datum: 0 } } : { detail: { field: 'l', type: 'ordinal' } as const }),
      stroke: { field: 'colour', type: 'nominal', scale: null },
    },
  };
  const names = lines.length > 1 ? `: ${lines.map((line) => line.name).join(', ')}` : '';
  return {
    title: { text: `${name}, ${scale.suffix}${names}`, frame: 'bounds', offset: 4 },
    width: WIDTH,
    height: HEIGHT,
    layer: [layer],
  };
}

function share({ capacitySeconds }: TraceSpan, seconds: number): number | undefined {
  return capacitySeconds > 0 ? seconds / capacitySeconds : undefined;
}

function limited(bytes: number | undefined): number | undefined {
  return bytes === undefined || bytes >= UNLIMITED_BYTES ? undefined : bytes;
}
