import type { Analysis, CellAnalysis, Composition } from '../../analysis/analysis.ts';
import { mebibyteScale } from '../../units/mebibytes.ts';
import type { UnitScale } from '../../units/format-units.ts';
import { plainText } from '../../text/plain-text.ts';
import type { Estimate } from '../../statistics/estimate.ts';
import { figureOf, refusalsOf } from '../figure.ts';
import { MEMORY_PARTS } from '../memory-parts.ts';
import { alignedBlocks, wrapped } from '../text-layout.ts';
import { percentText, validText } from '../words.ts';

const LEAST_COLUMNS = 40;

/** Where the memory is in every cell of a run: medians over trials with their intervals, for a terminal. */
export function runExplanationText(analysis: Analysis, terminalColumns = 80): string {
  const columns = Math.max(LEAST_COLUMNS, terminalColumns);
  const { confidence } = analysis.run.experiment;
  const lines = analysis.workloads.flatMap(({ workload, cells }) => {
    const known = cells.flatMap((cell) => (cell.composition === undefined ? [] : [{ cell, parts: cell.composition }]));
    const absent = cells.filter((cell) => cell.composition === undefined);
    return [
      '',
      `${plainText(workload)}, MiB`,
      ...(known.length === 0 ? [] : tableOf(known, columns)),
      ...(absent.length === 0
        ? []
        : wrapped(
            `No parts of memory are known of ${absent.map(({ label }) => plainText(label)).join(', ')}: no trial counts, or the target shows no MemStats.`,
            columns,
            '',
            '',
          )),
    ];
  });
  const notes = [
    `Each figure is the mean over a trial’s window, then the median over trials; in parentheses the interval, at least ${percentText(confidence)} confidence.`,
    'Within a trial the parts add up to RSS exactly; medians of parts add up to the median of RSS only nearly.',
    'objects: reachable, or not yet swept. reachable: the live heap. given back: HeapReleased, no part of RSS. RssAnon: RSS without the pages of files.',
  ];
  return `${[`Where the memory is: ${plainText(analysis.run.id)}`, ...lines, '', ...notes.flatMap((text) => wrapped(text, columns, '- ', '  '))].join('\n')}\n`;
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
      ? [['  reachable', ({ cell }: KnownCell) => cell.estimates['heap.live']] as (typeof LINES)[number]]
      : []),
    ...(key === 'metadata'
      ? [['Go’s own', ({ cell }: KnownCell) => cell.estimates['memory.go']] as (typeof LINES)[number]]
      : []),
  ]),
  ['RSS', ({ parts }) => parts.rss],
  ['RssAnon', ({ cell }) => cell.estimates['memory.anon']],
  ['given back', ({ parts }) => parts.released],
];

function tableOf(known: readonly KnownCell[], columns: number): readonly string[] {
  const scale = mebibyteScale(Math.max(...known.map(({ parts }) => parts.rss?.value ?? parts.objects.value)));
  const shown = LINES.filter(([, of]) => known.some((one) => of(one) !== undefined));
  const refusals = refusalsOf(
    known.flatMap((one) => shown.map(([, of]) => figure(of(one), scale)).filter((found) => found !== undefined)),
  );
  return [
    ...alignedBlocks(
      { head: [''], cells: [...shown.map(([name]) => name), 'trials'] },
      known.map((one) => ({
        head: [plainText(one.cell.label)],
        cells: [...shown.map(([, of]) => figureText(of(one), scale)), validText(one.cell)],
      })),
      columns,
    ),
    ...refusals.flatMap((refusal) => wrapped(plainText(refusal), columns, '', '')),
  ];
}

function figure(estimate: Estimate | undefined, scale: UnitScale) {
  return estimate === undefined ? undefined : figureOf(estimate, { scale, kind: 'level' });
}

function figureText(estimate: Estimate | undefined, scale: UnitScale): string {
  const found = figure(estimate, scale);
  if (found === undefined) return '–';
  return `${found.value} (${found.interval ?? 'no interval'})`;
}
