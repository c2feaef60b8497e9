import type { SeriesDocument, SeriesExplanation, SeriesQuantity } from '../../analysis/explain/series.ts';
import { formatCount } from '../../units/format-units.ts';
import { memoryCourseChart, STACK } from '../charts/memory-course.ts';
import type { Block, Document, Table } from '../document/document.ts';
import { html, type Html } from '../html.ts';
import { pageTheme } from '../theme.ts';
import { drawnChart } from './drawn-chart.ts';
import { explanationDocument } from './explain-document.ts';
import {
  answerText,
  atText,
  looksText,
  plus,
  QUANTITY_NAMES,
  seriesNotes,
  seriesScale,
  sparkline,
  trendScale,
  trendText,
  trendUnit,
} from './series-words.ts';

/** Most rows of the table over time; all readings are in the JSON. */
const MOST_ROWS = 12;
/** Columns of the table over time, in a width of 80. */
const OVER_TIME = [
  ['live', 'live'],
  ['objects', 'objects'],
  ['unusedInSpans', 'in spans'],
  ['retainedIdle', 'idle'],
  ['outside', 'outside'],
  ['go', 'Go’s own'],
  ['rss', 'RSS'],
] as const satisfies readonly (readonly [SeriesQuantity, string])[];

/** The memory over time, drawn; undefined where two readings are all there is. */
export function drawnSeries(series: SeriesExplanation): Promise<Html | undefined> {
  return drawnChart('Memory over time', memoryCourseChart(series, pageTheme, 'course'), legend(series));
}

function legend({ courses }: SeriesExplanation): Html {
  const has = (key: SeriesQuantity): boolean => courses.some((course) => course.key === key);
  return html`<ul class="legend">
    ${STACK.filter(([key]) => has(key)).map(
      ([key, fill]) =>
        html`<li><i class="swatch ${fill === undefined ? 'hatched' : `part-${fill}`}"></i>${QUANTITY_NAMES[key]}</li>`,
    )}
    ${has('rss') ? html`<li>line: RSS</li>` : ''} ${has('live') ? html`<li>dashed: live heap</li>` : ''}
  </ul>`;
}

/** What a process's memory does over several readings: the answer, each part's course, the readings, and the last one explained. */
export function seriesDocument(
  { source, series, last }: SeriesDocument,
  charts: { readonly series?: Html | undefined; readonly last?: Html | undefined } = {},
): Document {
  const { warnings } = series;
  return [
    { kind: 'heading', level: 1, text: 'Memory over time' },
    { kind: 'prose', text: `Memory of ${source.name}: ${looksText(series)}` },
    { kind: 'warnings', warnings },
    { kind: 'prose', text: answerText(series), lead: true },
    ...(charts.series === undefined
      ? []
      : ([{ kind: 'chart', caption: 'Over time', drawing: charts.series }] as const)),
    courseTable(series),
    ...seriesNotes(series).map((text): Block => ({ kind: 'note', text })),
    { kind: 'heading', level: 2, text: 'The readings' },
    readingsTable(series),
    ...(series.points.length > MOST_ROWS
      ? ([
          { kind: 'note', text: `${MOST_ROWS} of ${formatCount(series.points.length)} readings; --json has all.` },
        ] as const)
      : []),
    { kind: 'heading', level: 2, text: 'The last reading' },
    ...explanationDocument(last, charts.last).slice(1),
  ];
}

/** The course of each part of the memory: first, last, trend. */
export function courseTable(series: SeriesExplanation): Table {
  const scale = seriesScale(series);
  const unit = trendUnit(series);
  const trends = trendScale(series, unit);
  const worth = Math.max(0, ...series.courses.map(({ mostBytes }) => mostBytes)) / 200;
  const withTrend = series.courses.some(({ trend }) => trend !== undefined && trend.low !== null);
  return {
    kind: 'table',
    name: 'Parts of the memory over time',
    columns: [
      { head: 'part' },
      { head: 'first', unit: 'MiB', align: 'right' },
      { head: 'last', unit: 'MiB', align: 'right' },
      { head: 'change', unit: 'MiB', align: 'right' },
      ...(withTrend ? [{ head: 'trend', unit: `MiB per ${unit.name}`, align: 'right' } as const] : []),
      ...(series.points.length < 3 ? [] : [{ head: 'course' }]),
    ],
    rows: series.courses.map((course) => ({
      cells: [
        QUANTITY_NAMES[course.key],
        scale.number(course.firstBytes).replace('-', '−'),
        scale.number(course.lastBytes).replace('-', '−'),
        plus(scale.number(course.lastBytes - course.firstBytes)),
        ...(withTrend ? [trendText(course, unit, trends)] : []),
        ...(series.points.length < 3
          ? []
          : [
              sparkline(
                series.points.flatMap(({ bytes }) => bytes[course.key] ?? []),
                worth,
              ),
            ]),
      ],
    })),
  };
}

function readingsTable(series: SeriesExplanation): Block {
  const { points, clock } = series;
  const scale = seriesScale(series);
  const shown = OVER_TIME.filter(([key]) => points.some(({ bytes }) => bytes[key] !== undefined));
  const step = (points.length - 1) / (MOST_ROWS - 1);
  const rows =
    points.length <= MOST_ROWS ? points : Array.from({ length: MOST_ROWS }, (_, i) => points[Math.round(i * step)]);
  const cycles = points.some(({ numGc }) => numGc !== undefined);
  return {
    kind: 'table',
    name: 'Readings, in MiB',
    columns: [
      { head: clock === 'order' ? 'reading' : 'after' },
      ...shown.map(([, head]) => ({ head, align: 'right' }) as const),
      ...(cycles ? [{ head: 'cycles', align: 'right' } as const] : []),
    ],
    rows: rows.flatMap((point) =>
      point === undefined
        ? []
        : [
            {
              cells: [
                clock === 'order' ? point.name : atText(point.at, clock),
                ...shown.map(([key]) => {
                  const value = point.bytes[key];
                  return value === undefined ? '' : scale.number(value);
                }),
                ...(cycles ? [point.numGc === undefined ? '' : formatCount(point.numGc)] : []),
              ],
            },
          ],
    ),
  };
}
