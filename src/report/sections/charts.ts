import type { Analysis, WorkloadAnalysis } from '../../analysis/analysis.ts';
import { METRIC_ENTRIES, rankedBy, type MetricDefinition } from '../../metrics/metrics.ts';
import { againstGogcChart } from '../charts/against-gogc.ts';
import { compositionChart } from '../charts/composition.ts';
import { latencyChart } from '../charts/latency.ts';
import { latencyRowsChart } from '../charts/latency-rows.ts';
import { overTimePanels } from '../charts/over-time.ts';
import type { Chart } from '../charts/spec.ts';
import type { Html } from '../html.ts';
import { html } from '../html.ts';
import { part } from '../part.ts';
import type { Renderer } from '../render.ts';
import type { Theme } from '../theme.ts';
import { percentText } from '../words.ts';
import { gogcSaid, latencySaid, memorySaid, steadySaid } from '../first-lines.ts';
import type { DrawnCharts } from './chart-section.ts';
import { chartSection, figures } from './chart-section.ts';
import { lostCells } from '../lost-cells.ts';
import { memoryLegend } from './memory-legend.ts';
import { latencyNumbers, levelNumbers, reconciliation } from './numbers.ts';

/** The sections with charts by their addresses, in the order of the page. */
export type ChartSections = Readonly<Record<'composition' | 'against-gogc' | 'over-time' | 'latency', Html>>;

/** The sections with charts, each with how to read it and its numbers. */
export async function chartSections(analysis: Analysis, theme: Theme, draw: Renderer): Promise<ChartSections> {
  const { workloads, metrics } = analysis;
  const several = workloads.length > 1;
  const drawn = async (
    make: (workload: WorkloadAnalysis, index: number) => Chart | undefined,
  ): Promise<readonly DrawnCharts[]> => {
    const panels: DrawnCharts[] = [];
    for (const [index, workload] of workloads.entries()) {
      const chart = make(workload, index);
      if (chart !== undefined)
        panels.push({
          name: several ? workload.workload : undefined,
          charts: [{ title: chart.title, svg: (await draw(chart)).svg }],
        });
    }
    return panels;
  };
  return {
    composition: compositionSection(
      analysis,
      await drawn((workload, i) => compositionChart(workload, theme, `composition-${i}`, workloads)),
    ),
    'against-gogc': await againstGogcSection(analysis, theme, draw),
    'over-time': overTimeSection(analysis, theme),
    latency: latencySection(
      workloads,
      metrics,
      await drawn((workload, i) => latencyRowsChart(workload, theme, `latency-rows-${i}`)),
      await drawn((workload, i) => latencyChart(workload, theme, `latency-${i}`)),
    ),
  };
}

async function againstGogcSection({ workloads, metrics, run }: Analysis, theme: Theme, draw: Renderer): Promise<Html> {
  const shown = rankedBy(({ againstGogc }) => againstGogc).flatMap((id) =>
    metrics.filter((metric) => metric.id === id),
  );
  const panels: DrawnCharts[] = [];
  for (const [w, workload] of workloads.entries()) {
    const charts: { title: string; svg: string }[] = [];
    for (const metric of shown) {
      const chart = againstGogcChart(workload, metric, theme, `gogc-${w}-${metric.id.replace('.', '-')}`);
      if (chart !== undefined) charts.push({ title: chart.title, svg: (await draw(chart)).svg });
    }
    if (charts.length > 0) panels.push({ name: workloads.length > 1 ? workload.workload : undefined, charts });
  }
  return chartSection({
    id: 'against-gogc',
    title: 'Memory and CPU against GOGC',
    said: gogcSaid(workloads),
    open: true,
    layout: 'groups',
    panels,
    absent: 'No chart: no trial counts.',
    reading: [
      'Each small grey dot is one trial, n per cell; the large dot is their median and the bar its interval ' +
        `(order statistics, at least ${percentText(run.experiment.confidence)}). The hollow dot is the A/A cell, a repeat of the baseline’s setting: its distance from the baseline is noise. The GOGC axis is logarithmic, the others begin at zero.`,
      ...(lostCells(workloads).length === 0
        ? []
        : ['A cross at the foot of a chart is a cell without a valid trial; the summary says how its trials ended.']),
      'Theory: memory grows in proportion to GOGC, GC CPU falls with 1 ÷ GOGC; the dashed line is that law as fitted by the cost model. Where the dots deviate from it, something other than GOGC is at work: the minimum heap of 4 MiB, a memory limit, or too few GC cycles in the window.',
    ],
    numbers: levelNumbers('Medians against GOGC', workloads, shown),
  });
}

function overTimeSection(analysis: Analysis, theme: Theme): Html {
  const { workloads, metrics } = analysis;
  const shown = workloads.flatMap((workload) => {
    const panels = overTimePanels(workload, theme);
    return panels === undefined ? [] : [{ workload, panels }];
  });
  return part({
    id: 'over-time',
    title: 'Over time',
    said: shown.length === 0 ? 'no figures' : steadySaid(analysis),
    body:
      shown.length === 0
        ? html`<p class="how">No chart: no valid trial has readings over time.</p>`
        : html`<div class="how">
              <p>
                <b>How to read it.</b> Each panel is a cell, each row a quantity with one scale for all cells; the
                horizontal axis is the time since the window began. The bold line is the median of the trials at each
                moment. Thin lines are single trials; where there are more than ten, an area reaches from the lowest of
                them to the highest. The time before zero (shaded) is warm-up and is not measured. A cell that still
                rises at the end has not reached steady state.
              </p>
              <p>
                HeapSys is all address space that the heap has ever taken and practically never shrinks: do not read a
                saving from it. RSS is the memory in RAM.
              </p>
            </div>
            ${shown.map(({ workload, panels }) => html`${workloads.length > 1 && html`<h3>${workload.workload}</h3>`}${panels}`)}
            <details class="numbers">
              <summary>The numbers</summary>
              ${levelNumbers(
                'Medians over the window',
                workloads,
                metrics.filter(({ id }) => METRIC_ENTRIES[id].overTime === true),
              )}
            </details>`,
  });
}

function compositionSection({ workloads }: Analysis, panels: readonly DrawnCharts[]): Html {
  return chartSection({
    id: 'composition',
    title: 'Where the memory is',
    said: memorySaid(workloads),
    open: true,
    layout: 'wide',
    panels,
    absent:
      'No chart: the target does not expose its MemStats (expvar, Prometheus or pprof), so only its resident memory is known.',
    legend: memoryLegend(),
    reading: [
      'The parts stack up to RSS: what the Go runtime holds (objects, space in spans, idle heap, stacks, metadata), then the memory outside it (the binary’s pages, mapped files, cgo). Values are medians over the trials of each cell; medians of parts add up to the median of the whole only approximately.',
      'Idle heap has two parts: what is retained is resident and can be saved; what was returned to the system (hatched, next to the bars on the same scale) is not in the sum. A dashed frame at the end of a bar is memory that Go holds but that is not resident: mapped, but never touched.',
    ],
    numbers: reconciliation(workloads),
  });
}

function latencySection(
  workloads: readonly WorkloadAnalysis[],
  metrics: readonly MetricDefinition[],
  panels: readonly DrawnCharts[],
  curves: readonly DrawnCharts[],
): Html {
  const work = new Set(workloads.map(({ unit }) => unit));
  return chartSection({
    id: 'latency',
    title: 'Latency',
    said: latencySaid(workloads),
    layout: 'pair',
    panels,
    absent: work.has('request')
      ? 'No chart: no valid trial has latencies.'
      : work.has('run')
        ? 'A batch has no latency: the target completes a fixed amount of work. Its duration is in the summary.'
        : 'There is no latency: no requests were sent.',
    reading: [
      'A dot is the median over trials of that quantile, the bar its interval; the hollow dot is the A/A cell, the dashed line the baseline. Where bars overlap, no difference is shown. Latency is measured from when a request was due, not from when it was sent.',
    ],
    more: html`<details class="numbers">
      <summary>Curves of all quantiles</summary>
      <p class="how">
        Each further nine is one step to the right: 50 %, 90 %, 99 %, 99.9 % of the requests took no longer than the
        line shows. The vertical axis is logarithmic. Cells are shifted a little so that their bars can be told apart;
        the dashed line is the A/A cell.
      </p>
      <div class="pair">${figures(curves)}</div>
    </details>`,
    numbers: latencyNumbers(workloads, metrics),
  });
}
