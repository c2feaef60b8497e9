import type { Reconciliation } from '../../analysis/explain/reconcile.ts';
import { mebibyteScale } from '../../units/mebibytes.ts';
import type { ExplainRow } from '../explain/explain-rows.ts';
import { explainRows } from '../explain/explain-rows.ts';
import type { Theme } from '../theme.ts';
import type { Chart, Layer, Position } from './spec.ts';
import { baseSpec } from './spec.ts';

/** So narrow that a telephone shows it nearly at its own size. */
const WIDTH = 330;
/** Room right of the bars for the figures, where no line crosses them. */
const FIGURES = 82;
const ROW = 40;
const LABEL = 13;
const BAR = 15;
/** From a row's top: the middle of its words, and the top of its bar. */
const WORDS_AT = 9;
const BAR_AT = 18;
/** What was given back stands apart from the sum. */
const APART_GAP = 14;

/**
 * The reconciliation of one process as a waterfall: each part begins where the one before it ends, totals begin at zero,
 * and what was given back to the system stands hatched below, outside the sum. Words stand above their bars, so that no
 * bar is too short for them.
 */
export function waterfallChart(of: Reconciliation, theme: Theme, id: string): Chart | undefined {
  const bars = placed(explainRows(of));
  if (bars.length === 0) return undefined;
  const ends = bars.flatMap(({ from, to }) => [from, to]);
  const scale = mebibyteScale(Math.max(of.rssBytes ?? 0, of.goBytes ?? 0));
  const [ink, paper, muted] = [theme.token('ink'), theme.token('paper'), theme.token('muted')];
  const hatch = `${id}-hatch`;
  const tops = bars.map(({ row }, i) => i * ROW + (row.kind === 'apart' ? APART_GAP : 0));
  const height = (tops.at(-1) ?? 0) + ROW;
  const rects = bars.map(({ row, from, to }, i) => ({
    x: Math.min(from, to),
    x2: Math.max(from, to),
    top: (tops[i] ?? 0) + BAR_AT,
    bottom: (tops[i] ?? 0) + BAR_AT + BAR,
    kind: row.kind,
    fill: row.kind === 'apart' ? `url(#${hatch})` : row.fill === undefined ? muted : theme.token(row.fill),
    opacity: row.pale === true ? 0.55 : 1,
  }));
  const words = bars.map(({ row }, i) => ({
    at: (tops[i] ?? 0) + WORDS_AT,
    name: row.name,
    value: scale.format(row.bytes).replace(/^-/, '−'),
    total: row.kind === 'total',
  }));
  const links = bars.slice(1).flatMap(({ row, from }, i) => {
    const before = bars[i];
    if (before === undefined || row.kind === 'apart') return [];
    // A part hangs from where the one before it ended; a total from where the sum has come to.
    const at = row.kind === 'total' ? before.to : from;
    return [{ x: at, top: (tops[i] ?? 0) + BAR_AT + BAR, bottom: (tops[i + 1] ?? 0) + BAR_AT }];
  });
  const yScale = { domain: [0, height], range: [0, height], nice: false, zero: false };
  const y: Position = { field: 'top', type: 'quantitative', scale: yScale, axis: null };
  const x: Position = {
    field: 'x',
    type: 'quantitative',
    scale: { domain: [Math.min(0, ...ends), Math.max(1, ...ends)], nice: false },
    axis: null,
  };
  const box = { x, x2: { field: 'x2' }, y, y2: { field: 'bottom' } } as const;
  const only = (wanted: (kind: ExplainRow['kind']) => boolean) => rects.filter(({ kind }) => wanted(kind));
  const fill = { field: 'fill', type: 'nominal', scale: null } as const;
  return {
    id,
    title: 'Where the memory is',
    description: `A waterfall. ${words.map(({ name, value }) => `${name}: ${value}`).join('; ')}.`,
    definitions: `<pattern id="${hatch}" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0,0V5" stroke="${theme.token('trial')}" stroke-width="1.5"/></pattern>`,
    minWidth: 300,
    maxWidth: 520,
    spec: {
      ...baseSpec(theme),
      width: WIDTH,
      height,
      layer: [
        {
          data: { values: links },
          mark: { type: 'rule', stroke: muted, strokeWidth: 1, strokeDash: [2, 2] },
          encoding: { x, y, y2: { field: 'bottom' } },
        },
        {
          data: { values: only((kind) => kind !== 'missing' && kind !== 'apart') },
          mark: { type: 'rect', stroke: paper, strokeWidth: 0.5 },
          encoding: {
            ...box,
            fill,
            fillOpacity: { field: 'opacity', type: 'quantitative', scale: null, legend: null },
          },
        },
        {
          data: { values: only((kind) => kind === 'apart') },
          mark: { type: 'rect', stroke: theme.token('trial'), strokeWidth: 0.75 },
          encoding: { ...box, fill },
        },
        {
          data: { values: only((kind) => kind === 'missing') },
          mark: { type: 'rect', fill: paper, fillOpacity: 0.55, stroke: ink, strokeWidth: 1, strokeDash: [3, 2] },
          encoding: box,
        },
        ...layersOfWords(words, y, paper),
      ],
    },
  };
}

interface Word {
  readonly at: number;
  readonly name: string;
  readonly value: string;
  readonly total: boolean;
}

/** Names at the left, on a ground of their own that interrupts the lines behind them; figures in a column at the right. */
function layersOfWords(words: readonly Word[], y: Position, paper: string): Layer[] {
  const layer = (bold: boolean, field: 'name' | 'value', ground: boolean): Layer => ({
    data: { values: words.filter(({ total }) => total === bold) },
    mark: {
      type: 'text',
      align: field === 'name' ? 'left' : 'right',
      baseline: 'middle',
      fontSize: LABEL,
      fontWeight: bold ? 'bold' : 'normal',
      ...(ground ? { stroke: paper, strokeWidth: 5, strokeJoin: 'round' } : {}),
    },
    encoding: {
      x: { value: field === 'name' ? 0 : WIDTH + FIGURES },
      y: { ...y, field: 'at' },
      text: { field },
    },
  });
  return [false, true].flatMap((bold) => [
    layer(bold, 'name', true),
    layer(bold, 'name', false),
    layer(bold, 'value', false),
  ]);
}

interface Bar {
  readonly row: ExplainRow;
  readonly from: number;
  readonly to: number;
}

/** Where each bar begins and ends, in bytes. Shares of the objects take their place. */
function placed(rows: readonly ExplainRow[]): readonly Bar[] {
  const bars: Bar[] = [];
  let end = 0;
  const split = rows.some(({ kind }) => kind === 'share');
  for (const row of rows) {
    if (row.kind === 'apart' || row.kind === 'total') {
      bars.push({ row, from: 0, to: row.bytes });
    } else if (!(split && row.kind === 'part' && row.fill === 'objects')) {
      bars.push({ row, from: end, to: end + row.bytes });
      end += row.bytes;
    }
  }
  return bars;
}
