import type { Analysis, WorkloadAnalysis } from '../../analysis/analysis.ts';
import type { CostModel, LawCell } from '../../analysis/model/model-analysis.ts';
import { METRICS } from '../../metrics/metrics.ts';
import { formatUnit } from '../../units/format-units.ts';
import { metricName } from '../comparison.ts';
import { mapped } from '../figure.ts';
import type { Html } from '../html.ts';
import { html } from '../html.ts';
import { part } from '../part.ts';
import { modelNote, modelSentences } from '../model/model-words.ts';
import { predictionTable } from '../model/prediction-table.ts';
import { glued } from '../words.ts';
import { estimateTable } from './estimates.ts';
import { figureCell, table } from '../document/html-table.ts';

/** What the theory says of each workload, levels that were not run, and how well it holds; undefined without any. */
export function modelSection({ workloads, run }: Analysis): Html | undefined {
  const known = workloads.flatMap((workload) =>
    workload.model === undefined ? [] : [{ workload, model: workload.model }],
  );
  if (known.length === 0) return undefined;
  const several = workloads.length > 1;
  return part({
    id: 'model',
    title: 'Cost model',
    said: 'levels that were not run, and what GC costs at least',
    body: html`<p class="how">${glued(modelNote(run.experiment.confidence))}</p>
      ${known.map(
        ({ workload, model }) =>
          html`${several && html`<h3>${workload.workload}</h3>`}
            <ul>
              ${modelSentences(workload, model).map((sentence) => html`<li>${glued(sentence)}</li>`)}
            </ul>
            ${predictions(workload, model)}`,
      )}
      <details class="numbers">
        <summary>The numbers</summary>
        ${known.map(({ workload, model }) => [
          several && html`<h3>${workload.workload}</h3>`,
          leftOutNumbers(workload, model),
          lowerBoundNumbers(workload, model),
        ])}
      </details>`,
  });
}

function predictions(workload: WorkloadAnalysis, model: CostModel): Html | undefined {
  const predicted = predictionTable(workload, model);
  if (predicted === undefined) return undefined;
  const n = [...new Set(model.laws.flatMap((law) => law.predictions.map(({ estimate }) => estimate.n)))];
  return html`${table(
      `Levels of ${workload.workload} that were not run`,
      [{ head: 'not run' }, ...predicted.columns.map(({ head, unit }) => ({ head, unit, numeric: true }))],
      predicted.rows.map((label, row) => ({
        cells: [label, ...predicted.columns.map(({ figures }) => figureCell(figures[row]))],
      })),
      { cards: true },
    )}
    <p class="note">n = ${n.join(' or ')} levels that the laws are fitted to.</p>`;
}

/** Each level beside what the others predict for it. */
function leftOutNumbers(workload: WorkloadAnalysis, { laws }: CostModel): Html | undefined {
  const rows = laws.flatMap(({ metric, cells }) =>
    cells.flatMap(({ label, measured, leftOut, ...rest }) =>
      leftOut === undefined
        ? []
        : [
            {
              heads: [metricName(workload, metric), label],
              unit: METRICS[metric].unit,
              group: metric,
              estimate: leftOut,
              more: [formatUnit(measured, METRICS[metric].unit), verdict(rest)],
            },
          ],
    ),
  );
  if (rows.length === 0) return undefined;
  const name = `Levels of ${workload.workload} as the others predict them`;
  return estimateTable(name, ['metric', 'left out'], rows, 'level', ['measured', 'in the interval']);
}

function verdict({ inside, breaks }: Pick<LawCell, 'inside' | 'breaks'>): string {
  return inside === true ? 'yes' : breaks === true ? 'no, beyond chance' : 'no';
}

function lowerBoundNumbers(workload: WorkloadAnalysis, { lowerBound }: CostModel): Html | undefined {
  if (lowerBound === undefined) return undefined;
  const rows = lowerBound.cells.map(({ label, ratio }) => ({
    heads: [label],
    unit: 'fraction' as const,
    group: 'overhead',
    estimate: mapped(ratio, (value) => value - 1),
  }));
  return html`${estimateTable(`Lower bound of the cost of GC in ${workload.workload}`, ['overhead of GC, at least'], rows)}
    <p class="note">
      Overhead: ${metricName(workload, lowerBound.metric)} of the level ÷ the minimum that any level needs without its
      visible GC CPU, minus 1. It is a lower bound, because that minimum still contains what no counter sees: write
      barriers, sweeping, cache misses.
    </p>`;
}
