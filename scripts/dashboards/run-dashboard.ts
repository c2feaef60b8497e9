import { StackingConfigBuilder, StackingMode, VisibilityMode } from '@grafana/grafana-foundation-sdk/common';
import {
  CustomVariableBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
  type Dashboard,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { sampleName, type Family } from '../../src/export/exposition.ts';
import { MEASURING, MEMORY_USED, READING_FAMILIES as READ } from '../../src/export/reading-families.ts';
import {
  DATA_SOURCE,
  dataSourceVariable,
  labelVariable,
  mark,
  overTime,
  type Asked,
  type BuiltPanel,
} from './parts.ts';

/** The trial that is looked at. */
const TRIAL = 'run="$run",trial="$trial"';
/** Its runtime, by the source that is chosen: a trial may have been read in several ways. */
const RUNTIME = `${TRIAL},probe="$source"`;

/**
 * The last value, where it is no older than the time that a rate is taken over. Prometheus would hold it for five minutes, in
 * which the next trial has long begun.
 */
function last(family: Family, selector: string): string {
  return `last_over_time(${sampleName(family)}{${selector}}[$over])`;
}

function rate(family: Family, selector: string): string {
  return `rate(${sampleName(family)}{${selector}}[$over])`;
}

function minus(from: Family, less: Family, selector: string): string {
  return `${last(from, selector)} - ${last(less, selector)}`;
}

/** The heap by what it holds, as MemStats tells it: together what the heap has ever taken of the address space (HeapSys). */
export const STACK: readonly Asked[] = [
  ['A', last(READ.heapAllocBytes, RUNTIME), 'objects (HeapAlloc)'],
  ['B', minus(READ.heapInuseBytes, READ.heapAllocBytes, RUNTIME), 'unused in spans (HeapInuse − HeapAlloc)'],
  ['C', minus(READ.heapIdleBytes, READ.heapReleasedBytes, RUNTIME), 'idle, retained (HeapIdle − HeapReleased)'],
  ['D', last(READ.heapReleasedBytes, RUNTIME), 'released (HeapReleased)'],
];

function stack(): BuiltPanel {
  return overTime(
    'Heap of one trial, stacked',
    'Objects, what of their spans is unused, idle spans that the runtime retains, and what it has returned to the system. The stack is HeapSys; without “released” it is resident.',
    'bytes',
    [...STACK, ['E', last(READ.rssBytes, `${TRIAL},probe=~"proc|ps"`), 'RSS of the process']],
  )
    .fillOpacity(60)
    .stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('heap'))
    .overrideByQuery('E', [
      { id: 'custom.stacking', value: { mode: StackingMode.None, group: 'rss' } },
      { id: 'custom.fillOpacity', value: 0 },
      { id: 'custom.lineWidth', value: 2 },
    ]);
}

function panels(): readonly BuiltPanel[] {
  return [
    stack(),
    overTime(
      'CPU of the same trial',
      'Cores that the process uses, and of them what its garbage collector takes by the runtime’s own account or by gctrace.',
      'short',
      [
        ['A', rate(READ.cpuSeconds, TRIAL), 'CPU used ({{probe}})'],
        ['B', rate(READ.gcCpuSeconds, TRIAL), 'GC CPU ({{probe}})'],
      ],
    ).showPoints(VisibilityMode.Never),
    overTime('GC share of CPU used', 'GC CPU ÷ CPU used of the same time.', 'percentunit', [
      [
        'A',
        `${rate(READ.gcCpuSeconds, TRIAL)} / on (run, trial) group_left () ${rate(READ.cpuSeconds, `${TRIAL},probe=~"proc|ps"`)}`,
        'by {{probe}}',
      ],
    ]).showPoints(VisibilityMode.Never),
    overTime(
      'Live heap, goal and Go’s memory',
      'What a cycle found reachable, where the next one is to end, and Sys − HeapReleased, which GOMEMLIMIT limits.',
      'bytes',
      [
        ['A', `${last(READ.liveHeapBytes, RUNTIME)} or ${last(READ.heapLiveBytes, TRIAL)}`, 'live heap ({{probe}})'],
        ['B', last(READ.nextGcBytes, RUNTIME), 'heap goal'],
        ['C', `sum without (go_memory_type) (${last(MEMORY_USED, RUNTIME)})`, 'Go’s memory'],
      ],
    ),
    overTime('GC cycles', 'GC cycles that ended per second.', 'short', [
      ['A', `${rate(READ.numGc, RUNTIME)} or ${rate(READ.cycle, TRIAL)}`, 'cycles per second ({{probe}})'],
    ]),
    overTime('Allocation rate', 'Bytes allocated on the heap per second (TotalAlloc).', 'Bps', [
      ['A', rate(READ.totalAllocBytes, RUNTIME), 'allocated per second'],
    ]),
    overTime(
      'Anonymous memory of all trials of the run',
      'RssAnon, which a smaller GOGC can save: each trial where it was run, by its cell.',
      'bytes',
      [['A', last(READ.rssAnonBytes, 'run="$run"'), '{{cell}}, block {{block}}']],
    ).span(24),
  ];
}

/** The sources that a trial’s runtime was read by, the one that was read most first: the others may have been asked only once. */
function sourceVariable(): QueryVariableBuilder {
  return new QueryVariableBuilder('source')
    .label('Source')
    .datasource(DATA_SOURCE)
    .query(`query_result(sort_desc(count_over_time(${sampleName(READ.heapInuseBytes)}{${TRIAL}}[$__range])))`)
    .regex('/probe="([^"]+)"/')
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.Disabled);
}

/** One run over time. */
export function runDashboard(): Dashboard {
  const dashboard = new DashboardBuilder('gctune: one run over time')
    .uid('gctune-run')
    .description(
      'The readings of a run, loaded from gctune export --what readings or scraped from gctune run --metrics-port.',
    )
    .tags(['gctune', 'go'])
    .time({ from: 'now-1h', to: 'now' })
    .timezone('browser')
    .tooltip(DashboardCursorSync.Crosshair)
    .editable()
    .withVariable(dataSourceVariable())
    .withVariable(labelVariable('run', { label: 'Run', of: READ.rssBytes, selector: '', newest: true }))
    .withVariable(labelVariable('trial', { label: 'Trial', of: READ.rssBytes, selector: 'run="$run"' }))
    .withVariable(sourceVariable())
    .withVariable(
      new CustomVariableBuilder('over')
        .label('Over')
        .description('The time that rates are taken over, and after which a value is too old to be shown.')
        .values('5s,15s,1m,5m')
        .current({ text: '5s', value: '5s', selected: true }),
    )
    .annotation(
      mark('Windows', {
        color: 'green',
        expr: `${sampleName(MEASURING)}{run="$run"} == 1`,
        step: '5s',
        title: '{{trial}} is measured',
        text: '{{cell}}',
      }),
    );
  for (const panel of panels()) dashboard.withPanel(panel);
  return dashboard.build();
}
