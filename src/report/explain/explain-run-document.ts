import type { Analysis, CellAnalysis, Composition, WorkloadAnalysis } from '../../analysis/analysis.ts';
import { mebibyteScale } from '../../units/mebibytes.ts';
import type { Estimate } from '../../statistics/estimate.ts';
import { compositionChart } from '../charts/composition.ts';
import type { Block, Cell, Document } from '../document/document.ts';
import { figureOf } from '../figure.ts';
import type { Html } from '../html.ts';
import { MEMORY_PARTS } from '../memory-parts.ts';
import { memoryLegend } from '../sections/memory-legend.ts';
import { pageTheme } from '../theme.ts';
import { percentText, validText } from '../words.ts';
import { drawnChart } from './drawn-chart.ts';

/** The memory of each workload's cells drawn as bars; undefined where none is known. */
export function drawnCompositions({ workloads }: Analysis): Promise<readonly (Html | undefined)[]> {
  return Promise.all(
    workloads.map((workload, i) =>
      drawnChart(workload.workload, compositionChart(workload, pageTheme, `composition-${i}`), memoryLegend()),
    ),
  );
}

/** Where the memory is in every cell of a run: medians over trials with their intervals; a chart for each workload that has one. */
export function runExplanationDocument(
  { run, workloads }: Analysis,
  charts: readonly (Html | undefined)[] = [],
): Document {
  return [
    { kind: 'heading', level: 1, text: `Where the memory is: ${run.id}` },
    ...workloads.flatMap((workload, i) => workloadBlocks(workload, charts[i])),
    {
      kind: 'list',
      items: [
        `Each value is the mean over a trial’s window, then the median over trials, with its interval in parentheses (at least ${percentText(run.experiment.confidence)} confidence).`,
        'Within a trial the parts add up to RSS exactly; medians of parts add up to the median of RSS only approximately.',
        'objects: reachable, or not yet swept. reachable: the live heap. returned: HeapReleased, not part of the sum. RssAnon: RSS without file pages.',
      ],
    },
  ];
}

function workloadBlocks({ workload, cells }: WorkloadAnalysis, chart: Html | undefined): Document {
  const known = cells.flatMap((cell) => (cell.composition === undefined ? [] : [{ cell, parts: cell.composition }]));
  const absent = cells.filter((cell) => cell.composition === undefined).map(({ label }) => label);
  return [
    { kind: 'heading', level: 2, text: `${workload}, MiB` },
    ...(chart === undefined
      ? []
      : ([
          { kind: 'chart', caption: 'Cell by cell', drawing: chart },
          {
            kind: 'note',
            text: 'The parts stack up to RSS. Memory returned to the system (hatched, on the same scale) is in no sum. A dashed frame is memory that Go holds but that is not resident.',
          },
        ] as const)),
    ...(known.length === 0 ? [] : [tableOf(workload, known)]),
    ...(absent.length === 0
      ? []
      : [
          {
            kind: 'prose',
            text: `The parts of memory are unknown for ${absent.join(', ')}: no trial counts, or the target does not expose MemStats.`,
          } as const,
        ]),
  ];
}

interface KnownCell {
  readonly cell: CellAnalysis;
  readonly parts: Composition;
}

/** The lines of the table: a name, and the figure of each cell. */
const LINES: readonly (readonly [name: string, of: (known: KnownCell) => Estimate | undefined])[] = [
  ...MEMORY_PARTS.flatMap(({ key, name }): (typeof LINES)[number][] => [
    [name, ({ parts }) => parts[key]],
    ...(key === 'objects'
      ? [['of them reachable', ({ cell }: KnownCell) => cell.estimates['heap.live']] as (typeof LINES)[number]]
      : []),
    ...(key === 'metadata'
      ? [['Go’s own', ({ cell }: KnownCell) => cell.estimates['memory.go']] as (typeof LINES)[number]]
      : []),
  ]),
  ['RSS', ({ parts }) => parts.rss],
  ['RssAnon', ({ cell }) => cell.estimates['memory.anon']],
  ['returned', ({ parts }) => parts.released],
];

function tableOf(workload: string, known: readonly KnownCell[]): Block {
  const scale = mebibyteScale(Math.max(...known.map(({ parts }) => parts.rss?.value ?? parts.objects.value)));
  const figure = (estimate: Estimate | undefined): Cell =>
    estimate && { figure: figureOf(estimate, { scale, kind: 'level' }) };
  return {
    kind: 'table',
    name: `Parts of the memory of ${workload}`,
    columns: [{ head: 'part' }, ...known.map(({ cell }) => ({ head: cell.label, align: 'right' }) as const)],
    rows: [
      ...LINES.filter(([, of]) => known.some((one) => of(one) !== undefined)).map(([name, of]) => ({
        cells: [name, ...known.map((one) => figure(of(one)))],
      })),
      { cells: ['trials', ...known.map(({ cell }) => validText(cell))] },
    ],
  };
}
