import type { Analysis } from '../../analysis/analysis.ts';
import { compositionChart } from '../charts/composition.ts';
import { explainPage } from './explain-html.ts';
import { html } from '../html.ts';
import { loadRenderer } from '../render.ts';
import { chartSection, type DrawnCharts } from '../sections/chart-section.ts';
import { memoryLegend } from '../sections/memory-legend.ts';
import { reconciliation } from '../sections/numbers.ts';
import { pageTheme } from '../theme.ts';

/** Where the memory is in every cell of a run, as one page without scripts: the report's chart and table of it. */
export async function runExplanationHtml(analysis: Analysis, toolVersion: string): Promise<string> {
  const draw = await loadRenderer();
  const panels: DrawnCharts[] = [];
  for (const [i, workload] of analysis.workloads.entries()) {
    const chart = compositionChart(workload, pageTheme, `composition-${i}`);
    if (chart !== undefined)
      panels.push({
        name: analysis.workloads.length > 1 ? workload.workload : undefined,
        svgs: [(await draw(chart)).svg],
      });
  }
  return explainPage(
    `Where the memory is: ${analysis.run.id}`,
    toolVersion,
    analysis.run.id,
    html`${chartSection({
      id: 'composition',
      title: 'Cell by cell',
      layout: 'wide',
      panels,
      absent: 'There is no chart: no trial counts, or the target shows no MemStats.',
      legend: memoryLegend(),
      reading: [
        'The parts stack up to RSS. What was given back (hatched, on the same scale) takes no RAM. A dashed frame is memory that Go holds and that is not resident.',
      ],
      numbers: reconciliation(analysis.workloads),
    })}`,
  );
}
