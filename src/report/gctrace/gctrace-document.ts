import type { GctraceDocument, TracedProcess } from '../../analysis/gctrace/gctrace-document.ts';
import { formatCount, formatFraction, formatSeconds } from '../../units/format-units.ts';
import { gctraceChart } from '../charts/gctrace-course.ts';
import type { Block, Column, Document } from '../document/document.ts';
import { drawnChart } from '../explain/drawn-chart.ts';
import { html, type Html } from '../html.ts';
import { pageTheme } from '../theme.ts';
import {
  cpuText,
  cyclesText,
  fromText,
  gogcNumber,
  gogcText,
  goalText,
  heapText,
  logText,
  mebibytes,
  pausesText,
  pauseText,
  processName,
  shareText,
  spiralText,
} from './gctrace-words.ts';

/** Processes that the table of all of them has. */
const MOST_ROWS = 12;

/** The processes of a log drawn over time, in the order of their numbers in `shown`. */
export function drawnProcesses(shown: readonly TracedProcess[]): Promise<readonly (Html | undefined)[]> {
  return Promise.all(
    shown.map((one) =>
      drawnChart(`Process ${one.number} over time`, gctraceChart(one, pageTheme, `gctrace-${one.number}`), legend()),
    ),
  );
}

function legend(): Html {
  const items = [
    ['unused', 'heap goal'],
    ['objects', 'live heap; GC CPU'],
    ['trial', 'GC CPU with idle marking'],
    ['metadata', 'longest pause'],
  ] as const;
  return html`<ul class="legend">
    ${items.map(([token, name]) => html`<li><span class="swatch" style="background:var(--${token})"></span>${name}</li>`)}
  </ul>`;
}

/** What a log of gctrace says: all processes in a table where there are several, and `shown` in full. */
export function gctraceDocument(
  of: GctraceDocument,
  shown: readonly TracedProcess[],
  charts: readonly (Html | undefined)[] = [],
): Document {
  const several = of.processes.length > 1;
  return [
    { kind: 'heading', level: 1, text: 'What gctrace says' },
    { kind: 'prose', text: logText(of) },
    { kind: 'warnings', warnings: of.warnings },
    ...(several ? processTable(of.processes) : []),
    ...shown.flatMap((one, i) => processBlocks(one, several, charts[i])),
    ...unreadBlocks(of),
    {
      kind: 'folded',
      title: 'What the figures are',
      blocks: [
        {
          kind: 'facts',
          facts: [
            [
              'GC CPU',
              'Assists, dedicated and fractional workers and stops; ÷ GOMAXPROCS × time. It is spread evenly over the time that a cycle took.',
            ],
            [
              'idle marking',
              'Workers that mark while a P has nothing else to do: they take no CPU from the program, but from the machine.',
            ],
            [
              'stops',
              'gctrace charges each to every P, so GC CPU is up to a multiple of what the runtime counts where pauses make up much of it.',
            ],
            ['live', 'What a cycle found reachable. Sizes are cut to whole MiB, times to two digits.'],
            [
              'goal',
              'The heap size at which the cycle was meant to end: set by GOGC, or by GOMEMLIMIT, from the live heap, stacks and globals of the cycle before.',
            ],
            [
              'forced',
              'By runtime.GC or debug.FreeOSMemory. The cycle that comes after two minutes without one is not marked.',
            ],
          ],
        },
      ],
    },
  ];
}

function processTable(processes: readonly TracedProcess[]): readonly Block[] {
  const rows = processes.toSorted((a, b) => b.cpu.gcSeconds - a.cpu.gcSeconds).slice(0, MOST_ROWS);
  return [
    {
      kind: 'table',
      name: 'Processes',
      columns: [
        { head: 'process', shrink: true },
        right('cycles'),
        right('over'),
        right('GC CPU'),
        right('of P × time'),
        right('live', 'MiB'),
        right('P'),
      ],
      rows: rows.map((one) => ({
        cells: [
          processName(one),
          formatCount(one.cycles),
          formatSeconds(one.endSeconds - one.startSeconds),
          formatSeconds(one.cpu.gcSeconds),
          partText(one.cpu.gcSeconds, one.cpu.capacitySeconds),
          mebibytes(one.heap.mostLiveBytes),
          formatCount(one.procs.most),
        ],
      })),
    },
    {
      kind: 'note',
      text:
        `Told apart by their numbering, clock, heap and what the log says; ordered by GC CPU; live is the most.` +
        (processes.length > rows.length ? ` ${processes.length - rows.length} more are in --json.` : ''),
    },
  ];
}

function processBlocks(of: TracedProcess, several: boolean, chart: Html | undefined): readonly Block[] {
  return [
    ...(several ? [{ kind: 'heading', level: 2, text: `Process ${processName(of)}` } as const] : []),
    { kind: 'prose', text: shareText(of), lead: true },
    {
      kind: 'facts',
      facts: [
        ...(several || (of.source ?? of.startedAt) === undefined ? [] : [['process', processName(of)] as const]),
        ['cycles', cyclesText(of)],
        ['GC CPU', cpuText(of)],
        ['pauses', `before marking: ${pausesText(of.pauses.sweepTermination)}`],
        ['pauses', `after marking: ${pausesText(of.pauses.markTermination)}`],
        ['heap', heapText(of)],
        ['implied GOGC', gogcText(of)],
        ['death spiral', spiralText(of)],
      ],
    },
    ...(chart === undefined
      ? []
      : ([
          { kind: 'chart', caption: 'Over time', drawing: chart },
          {
            kind: 'note',
            text: `${of.spans.length} spans of equal length: the most of goal, live heap and pause in each, and the mean of GC CPU.`,
          },
        ] as const)),
    overviewTable(of),
    { kind: 'note', text: 'GC CPU, idle and assists of P × time; the longest pause; live heap and goal at last.' },
  ];
}

function overviewTable({ overview, number }: TracedProcess): Block {
  return {
    kind: 'table',
    name: `Process ${number} over time`,
    columns: [
      { head: 'from' },
      right('cycles'),
      right('GC CPU'),
      right('idle'),
      right('assists'),
      right('pause', 'ms'),
      right('live', 'MiB'),
      right('goal', 'MiB'),
      right('GOGC'),
    ],
    rows: overview.map((span) => ({
      cells: [
        fromText(span),
        formatCount(span.cycles),
        partText(span.gcSeconds, span.capacitySeconds),
        partText(span.idleSeconds, span.capacitySeconds),
        partText(span.assistSeconds, span.capacitySeconds),
        span.cycles === 0 ? '' : pauseText(span.longestPauseSeconds),
        span.heap === undefined ? '' : mebibytes(span.heap.lastLiveBytes),
        span.heap === undefined ? '' : goalText(span.heap.lastGoalBytes),
        span.impliedGogc === undefined ? '' : gogcNumber(span.impliedGogc),
      ],
    })),
  };
}

function unreadBlocks({ unread }: GctraceDocument): readonly Block[] {
  if (unread.first.length === 0) return [];
  return [
    { kind: 'heading', level: 2, text: 'The first lines that were not read' },
    { kind: 'code', text: unread.first.map((line) => line.replaceAll('\n', ' ')).join('\n') },
  ];
}

function partText(seconds: number, capacitySeconds: number): string {
  return capacitySeconds > 0 ? formatFraction(seconds / capacitySeconds) : 'n/a';
}

function right(head: string, unit?: string): Column {
  return { head, align: 'right', ...(unit === undefined ? {} : { unit }) };
}
