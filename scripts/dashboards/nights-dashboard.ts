import { DashboardBuilder, DashboardCursorSync, type Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { VisibilityMode } from '@grafana/grafana-foundation-sdk/common';
import { sampleName, type Family } from '../../src/export/exposition.ts';
import { METRIC_FAMILIES, RESULT_FAMILIES } from '../../src/export/result-families.ts';
import { METRICS, type MetricId } from '../../src/metrics/metrics.ts';
import { dataSourceVariable, labelVariable, mark, overTime, ratioOverTime, type BuiltPanel } from './parts.ts';

const SERIES = 'experiment="$experiment",machine="$machine"';
const CELL = `${SERIES},cell="$cell"`;
/** A night has one time, and Prometheus would hold its figures for five minutes: so each stands until the next night. */
const HELD = '[25h]';

function night(family: Family, selector: string): string {
  return `last_over_time(${sampleName(family)}{${selector}}${HELD})`;
}

/** A metric from night to night, its interval as a band around it. */
function series(metric: MetricId, unit: string): BuiltPanel {
  const family = METRIC_FAMILIES[metric];
  const bound = (name: string): string => `max without (role) (${night(family, `${CELL},bound="${name}"`)})`;
  return overTime(METRICS[metric].label, METRICS[metric].definition, unit, [
    ['A', bound('low'), 'low'],
    ['B', bound('high'), 'high'],
    ['C', bound('estimate'), 'estimate'],
  ])
    .showPoints(VisibilityMode.Auto)
    .overrideByName('high', [
      { id: 'custom.fillBelowTo', value: 'low' },
      { id: 'custom.fillOpacity', value: 20 },
      { id: 'custom.lineWidth', value: 0 },
    ])
    .overrideByName('low', [{ id: 'custom.lineWidth', value: 0 }])
    .overrideByName('estimate', [{ id: 'custom.lineWidth', value: 2 }]);
}

function ratio(title: string, description: string, family: Family, blocks: Family): BuiltPanel {
  const bound = (name: string): string => night(family, `${CELL},metric="$metric",bound="${name}"`);
  return ratioOverTime(title, description, 'percentunit', [
    ['A', bound('low'), 'low'],
    ['B', bound('high'), 'high'],
    ['C', bound('estimate'), 'estimate'],
    ['D', night(blocks, `${CELL},metric="$metric"`), 'blocks'],
  ])
    .overrideByName('high', [
      { id: 'custom.fillBelowTo', value: 'low' },
      { id: 'custom.fillOpacity', value: 20 },
      { id: 'custom.lineWidth', value: 0 },
    ])
    .overrideByName('low', [{ id: 'custom.lineWidth', value: 0 }])
    .overrideByName('blocks', [
      { id: 'unit', value: 'short' },
      { id: 'min', value: 0 },
      { id: 'custom.axisPlacement', value: 'right' },
    ]);
}

/** What was told within the hour, which is how exact a mark is over months. */
function told(family: Family, selector: string): string {
  return `last_over_time(${sampleName(family)}{${selector}}[1h])`;
}

/** Nights of a history. */
export function nightsDashboard(): Dashboard {
  const { canaryRatio, canaryBlocks, change, noise, trials, usable, run, night: recorded } = RESULT_FAMILIES;
  const dashboard = new DashboardBuilder('gctune: nights')
    .uid('gctune-nights')
    .description(
      'A history, loaded from gctune export FOLDER: each metric of a cell with its interval, and where it changed for good.',
    )
    .tags(['gctune', 'go'])
    .time({ from: 'now-90d', to: 'now' })
    .timezone('browser')
    .tooltip(DashboardCursorSync.Crosshair)
    .editable()
    .withVariable(dataSourceVariable())
    .withVariable(labelVariable('experiment', { label: 'Experiment', of: run, selector: '' }))
    .withVariable(labelVariable('machine', { label: 'Machine', of: run, selector: 'experiment="$experiment"' }))
    .withVariable(labelVariable('cell', { label: 'Cell', of: trials, selector: SERIES }))
    .withVariable(labelVariable('metric', { label: 'Metric of the ratios', of: trials, selector: CELL }))
    .annotation(
      mark('Changes of the daemon', {
        color: 'red',
        expr: told(change, `${CELL},of="daemon"`),
        step: '1h',
        title: 'a lasting change of {{metric}}',
        text: 'commits {{from}} to {{to}}',
      }),
    )
    .annotation(
      mark('Changes of the machine', {
        color: 'orange',
        expr: told(change, `${SERIES},of="machine"`),
        step: '1h',
        title: 'the machine: {{metric}} of the canary',
        text: '{{cell}}',
      }),
    )
    .annotation(
      mark('Runs', {
        color: 'blue',
        expr: told(recorded, SERIES),
        step: '1h',
        title: '{{run}}',
        text: 'commit {{commit}}',
      }),
    );
  const panels: readonly BuiltPanel[] = [
    series('memory.anon', 'bytes'),
    series('cpu.per_request', 's'),
    series('alloc.per_request', 'bytes'),
    series('gc.cpu_window', 'percentunit'),
    series('latency.p99', 's'),
    series('memory.peak', 'bytes'),
    ratio('Ratio to the canary', canaryRatio.help, canaryRatio, canaryBlocks),
    ratioOverTime('Lasting changes', change.help, 'percentunit', [['A', night(change, CELL), '{{metric}} ({{of}})']]),
    overTime(
      'Noise, trials and usable nights',
      `${noise.help} Beside it n, and whether the night judges anything.`,
      'percentunit',
      [
        ['A', night(noise, `${SERIES},metric="$metric"`), 'A/A noise of {{cell}}'],
        ['B', night(trials, `${CELL},metric="$metric"`), 'trials (n)'],
        ['C', night(usable, SERIES), 'usable'],
      ],
    ).overrideByRegexp('trials.*|usable', [
      { id: 'unit', value: 'short' },
      { id: 'custom.axisPlacement', value: 'right' },
    ]),
  ];
  for (const panel of panels) dashboard.withPanel(panel);
  return dashboard.build();
}
