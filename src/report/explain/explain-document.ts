import type { ExplanationDocument } from '../../analysis/explain/explanation-document.ts';
import type { Reconciliation } from '../../analysis/explain/reconcile.ts';
import { formatCount } from '../../units/format-units.ts';
import { waterfallChart } from '../charts/waterfall.ts';
import type { Document, Text } from '../document/document.ts';
import type { Html } from '../html.ts';
import { drawnChart } from './drawn-chart.ts';
import { explainRows, type ExplainRow } from './explain-rows.ts';
import { pageTheme } from '../theme.ts';
import { viewBlocks } from './view-blocks.ts';
import { samplingText, scaleOf, shareText, signed, sourceText, sumText } from './explain-words.ts';

/** The sum of a process's memory drawn as a waterfall; undefined where too little is known to add anything up. */
export function drawnWaterfall(of: Reconciliation): Promise<Html | undefined> {
  return drawnChart('The sum', waterfallChart(of, pageTheme, 'waterfall'));
}

/** The explanation: the sum, drawn where `chart` has it, a table with exact bytes, then the sentences. */
export function explanationDocument(
  { reconciliation: of, points, warnings, source, view }: ExplanationDocument,
  chart?: Html,
): Document {
  const rows = explainRows(of);
  return [
    { kind: 'heading', level: 1, text: 'Where the memory is' },
    { kind: 'prose', text: sourceText(source) },
    { kind: 'warnings', warnings },
    { kind: 'prose', text: sumText(of), lead: true },
    ...(chart === undefined
      ? []
      : ([
          { kind: 'chart', caption: 'The sum', drawing: chart },
          {
            kind: 'note',
            text: 'Each part begins where the previous one ends. “Go’s own” is what Go holds from the system (Sys − HeapReleased); from there to RSS is the memory outside Go. A dashed frame is memory that is mapped but not resident: it leads back to RSS. Memory returned to the system (hatched) is in no sum.',
          },
        ] as const)),
    {
      kind: 'table',
      name: 'Parts of the memory',
      columns: [
        { head: 'part' },
        { head: 'MiB', align: 'right' },
        { head: of.ranges === undefined ? 'bytes' : 'bytes, or between', align: 'right' },
        ...(of.rssBytes === undefined ? [] : [{ head: 'of RSS', align: 'right' } as const]),
      ],
      rows: rows.map((row) => ({
        cells: [nameOf(row), signed(scaleOf(of).number(row.bytes)), bytesOf(row, of), shareText(row, of)],
      })),
    },
    {
      kind: 'note',
      text:
        of.ranges === undefined
          ? 'MiB are rounded; the bytes add up exactly.'
          : 'MiB are rounded. A value that was written rounded lies between the two that are shown.',
    },
    { kind: 'list', items: points.map(({ text }) => text) },
    ...(view === undefined ? [] : viewBlocks(view)),
    ...(of.gaps.length === 0
      ? []
      : ([
          { kind: 'heading', level: 2, text: 'What is unknown' },
          {
            kind: 'list',
            items: of.gaps.map(
              ({ field, lost }) =>
                `${field[0]?.toUpperCase()}${field.slice(1)} ${field.includes(', ') ? 'are' : 'is'} missing: ${lost}.`,
            ),
          },
        ] as const)),
    ...(source.sampling === undefined ? [] : [{ kind: 'prose', text: samplingText(source.sampling) } as const]),
    {
      kind: 'folded',
      title: 'What the parts are',
      blocks: [{ kind: 'facts', facts: rows.map((row) => [row.name, row.formula]) }],
    },
  ];
}

function nameOf({ name, kind }: ExplainRow): Text {
  if (kind === 'total') return [{ text: `= ${name}`, as: 'strong' }];
  return kind === 'share' ? `of them ${name}` : name;
}

/** The bytes of a figure, or between what it lies where it was rounded before it came here. */
function bytesOf({ key, bytes }: ExplainRow, of: Reconciliation): string {
  const range = key === undefined ? undefined : rangeOf(key, of);
  const mib = (value: number): string => signed((value / 2 ** 20).toFixed(2));
  // What rounding did has no bytes of its own.
  if (key === 'unsplit' && bytes < 0) return '';
  return range === undefined || range.low === range.high
    ? signed(formatCount(bytes))
    : `${mib(range.low)} to ${mib(range.high)} MiB`;
}

function rangeOf(key: NonNullable<ExplainRow['key']>, { ranges }: Reconciliation) {
  if (ranges === undefined) return undefined;
  if (key === 'go' || key === 'rss' || key === 'outside' || key === 'released') return ranges[key];
  return ranges.parts[key];
}
