import type { ChangeOverview, HistoryOverview, SeriesOverview } from '../../history/overview.ts';
import { METRIC_IDS, METRICS, type MetricId } from '../../metrics/metrics.ts';
import { commonScale, type UnitScale } from '../../units/format-units.ts';
import type { Block, Cell, Document } from '../document/document.ts';
import { figureOf } from '../figure.ts';
import { html } from '../html.ts';
import { drawnSeries } from './history-drawing.ts';
import {
  answerSentence,
  changeText,
  dayOf,
  direction,
  headSentence,
  leftOutNotes,
  oddSentence,
  shortCommit,
} from './history-words.ts';

/** Changes in the table of the whole answer. */
const MOST_CHANGES = 200;

/** Odd nights in the whole answer. */
const MOST_ODD = 20;

const LEGEND: Block = {
  kind: 'note',
  text: 'In the charts: line, the nights; band, their intervals; dashed, a lasting change; dot, a night that is not used.',
};

/** Names for cells as they are shown; by the whole history's `shortNames`. */
export type CellNames = ReadonlyMap<string, string>;

/** All that a history shows; with `drawn`, the series as a page has them. */
export function historyDocument(overview: HistoryOverview, names: CellNames, drawn = false): Document {
  const { metrics, series, canaries, nights, warnings } = overview;
  const others = METRIC_IDS.filter(
    (metric) => !metrics.includes(metric) && series.some((one) => one.metric === metric),
  );
  const cells = [...new Set(series.map(({ cell }) => cell))];
  const unusable = nights.filter(({ moved }) => moved !== undefined);
  return [
    { kind: 'heading', level: 1, text: `History of ${overview.experiment}` },
    { kind: 'prose', text: answerSentence(overview), lead: true },
    { kind: 'prose', text: headSentence(overview) },
    { kind: 'warnings', warnings },
    ...leftOutNotes(overview).map((text): Block => ({ kind: 'note', text })),
    { kind: 'heading', level: 2, text: 'Levels since the last change' },
    levelsTable(overview, names, metrics, cells),
    { kind: 'note', text: 'Median of the nights since the last change of each series, with its interval.' },
    { kind: 'heading', level: 2, text: 'Lasting changes' },
    ...changesTable(overview, names),
    {
      kind: 'note',
      text: 'Changes of the metrics that a gate judges are shown from their floor on, others from 1 %. One in a hundred series without a change shows one by chance.',
    },
    ...oddNights(overview, names),
    ...(overview.canary === undefined
      ? []
      : ([
          { kind: 'heading', level: 2, text: 'The machine' },
          {
            kind: 'prose',
            text: `What moves in version=${overview.canary}, the canary, which no change touches, is the machine. The other cells are judged by their ratio to it, block by block.`,
          },
          {
            kind: 'list',
            items: unusable.map(
              ({ startedAt, run, moved }) =>
                `${dayOf(startedAt)}: unusable, since ${moved === undefined ? '' : `${METRICS[moved.metric].label} of the canary was ${changeText(moved.change)} off its level`} (${run})`,
            ),
          },
          ...(drawn ? [LEGEND, ...drawings(overview, canaries, names, metrics, 'machine')] : []),
        ] as const)),
    ...(drawn
      ? [
          ...(overview.canary === undefined ? [LEGEND] : []),
          ...drawings(overview, series, names, metrics, 'daemon'),
          ...others.map((metric): Block => ({
            kind: 'folded',
            title: METRICS[metric].label,
            blocks: drawings(overview, series, names, [metric], 'daemon').slice(1),
          })),
        ]
      : []),
    {
      kind: 'folded',
      title: 'All nights',
      blocks: [nightsTable(overview)],
    },
  ];
}

/** Of each metric that has a level the scale of all its levels. */
export function levelScales(
  { series }: HistoryOverview,
  metrics: readonly MetricId[],
): ReadonlyMap<MetricId, UnitScale> {
  return new Map(
    metrics.flatMap((metric) => {
      const values = series.filter((one) => one.metric === metric).map(({ level }) => level.value);
      return values.length === 0 ? [] : [[metric, commonScale(values, METRICS[metric].unit)] as const];
    }),
  );
}

function levelsTable(
  overview: HistoryOverview,
  names: CellNames,
  metrics: readonly MetricId[],
  cells: readonly string[],
): Block {
  const at = new Map(overview.series.map((one) => [`${one.cell} ${one.metric}`, one]));
  const scales = levelScales(overview, metrics);
  const shown = [...scales.keys()];
  return {
    kind: 'table',
    name: 'Last stable levels',
    columns: [
      { head: 'cell', shrink: true },
      ...shown.map((metric) => ({
        head: METRICS[metric].label,
        unit: scales.get(metric)?.suffix ?? '',
        align: 'right' as const,
      })),
    ],
    rows: cells.map((cell) => ({
      cells: [
        names.get(cell) ?? cell,
        ...shown.map((metric): Cell => {
          const one = at.get(`${cell} ${metric}`);
          const scale = scales.get(metric);
          return one === undefined || scale === undefined
            ? undefined
            : { figure: figureOf(one.level, { scale, kind: 'level' }), n: one.level.n };
        }),
      ],
    })),
  };
}

function changesTable(overview: HistoryOverview, names: CellNames): readonly Block[] {
  const { changes, nights } = overview;
  if (changes.length === 0) return [{ kind: 'prose', text: 'None.' }];
  return [
    {
      kind: 'table',
      name: 'Lasting changes, newest first',
      columns: [
        { head: 'night' },
        { head: 'metric' },
        { head: 'change', align: 'right' },
        { head: 'cells', shrink: true },
        { head: 'commits' },
      ],
      rows: changes.slice(0, MOST_CHANGES).map((change) => ({
        cells: [
          dayOf(nights[change.night]?.startedAt ?? ''),
          `${METRICS[change.metric].label}${change.of === 'machine' ? ' of the canary' : ''}`,
          { text: spanText(change), as: dressOf(change) },
          change.cells.map(({ cell }) => names.get(cell) ?? cell).join(', '),
          commitsText(change),
        ].map((cell): Cell => (typeof cell === 'string' ? cell : [cell])),
      })),
    },
    ...(changes.length > MOST_CHANGES
      ? [{ kind: 'note', text: `${changes.length - MOST_CHANGES} earlier ones are in the JSON.` } as const]
      : []),
  ];
}

/** Of the metrics that a gate judges. */
function oddNights(overview: HistoryOverview, names: CellNames): readonly Block[] {
  const odd = overview.odd.filter(({ metric }) => overview.metrics.includes(metric));
  if (odd.length === 0) return [];
  return [
    { kind: 'heading', level: 2, text: 'Single nights' },
    { kind: 'list', items: odd.slice(0, MOST_ODD).map((one) => oddSentence(one, overview, names)) },
    {
      kind: 'note',
      text: `Too far off the level before and after them for chance, which would show one in a hundred series; they count for no level.${odd.length > MOST_ODD ? ` ${odd.length - MOST_ODD} earlier ones are in the JSON.` : ''}`,
    },
  ];
}

function spanText({ cells }: ChangeOverview): string {
  const shares = cells.map(({ change }) => change);
  const [least, most] = [Math.min(...shares), Math.max(...shares)];
  return changeText(least) === changeText(most) ? changeText(most) : `${changeText(least)} to ${changeText(most)}`;
}

function dressOf({ metric, cells, of }: ChangeOverview): 'bad' | 'good' | 'strong' {
  const found = of === 'machine' ? 'changed' : direction(metric, cells[0]?.change ?? 0);
  return found === 'worse' ? 'bad' : found === 'better' ? 'good' : 'strong';
}

function commitsText({ from, to, samePrograms, of }: ChangeOverview): string {
  if (samePrograms) return of === 'machine' ? 'same programs' : 'same programs: not the code';
  const known = [from, to].flatMap((commit) => (commit === undefined ? [] : [shortCommit(commit)]));
  return known.length === 0 ? 'unknown' : [...new Set(known)].join(' to ');
}

function nightsTable({ nights }: HistoryOverview): Block {
  return {
    kind: 'table',
    name: 'Nights, newest first',
    columns: [
      { head: 'night' },
      { head: 'run', shrink: true },
      { head: 'commit' },
      { head: 'branch' },
      { head: 'Go' },
      { head: 'usable' },
    ],
    rows: nights.toReversed().map(({ startedAt, run, commit, branch, goVersions, moved }) => ({
      cells: [
        dayOf(startedAt),
        run,
        commit === undefined ? '' : shortCommit(commit),
        branch ?? '',
        goVersions.join(', '),
        moved === undefined ? 'yes' : 'no',
      ],
    })),
  };
}

function drawings(
  overview: HistoryOverview,
  series: readonly SeriesOverview[],
  names: CellNames,
  metrics: readonly MetricId[],
  of: ChangeOverview['of'],
): readonly Block[] {
  return metrics.flatMap((metric): readonly Block[] => {
    const own = series.filter((one) => one.metric === metric);
    if (own.length === 0) return [];
    const changes = overview.changes.filter((change) => change.metric === metric && change.of === of);
    const scale = commonScale(
      own.map(({ level }) => level.value),
      METRICS[metric].unit,
    );
    const head =
      of === 'machine'
        ? ({ kind: 'heading', level: 3, text: `${METRICS[metric].label} of the canary` } as const)
        : ({ kind: 'heading', level: 2, text: METRICS[metric].label } as const);
    return [
      head,
      {
        kind: 'chart',
        caption: '',
        drawing: html`<div class="series">
          ${own.map((one) => {
            const nights = changes
              .filter(({ cells }) => cells.some(({ cell }) => cell === one.cell))
              .map(({ night }) => night);
            return drawnSeries(one, {
              changes: nights,
              nights: overview.nights,
              name: names.get(one.cell) ?? one.cell,
              scale,
            });
          })}
        </div>`,
      },
    ];
  });
}
