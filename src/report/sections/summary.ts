import type { Analysis, CellAnalysis } from '../../analysis/analysis.ts';
import { refusalsOf } from '../figure.ts';
import type { Content, Html } from '../html.ts';
import { html } from '../html.ts';
import { part } from '../part.ts';
import type { Summary } from '../summary.ts';
import { markLegend, MEDIANS_NOTE } from '../comparison.ts';
import { percentText, validText } from '../words.ts';
import { contrastNumbers } from './numbers.ts';
import { figureCell, table } from '../document/html-table.ts';

/** The summary tables: a row for each cell, a column for what an operator decides by. */
export function summarySection(summaries: readonly Summary[], { run, metrics, workloads }: Analysis): Html {
  const { experiment } = run;
  return part({
    id: 'summary',
    title: 'Settings compared',
    said: 'memory, CPU and latency of every cell, against the baseline',
    open: true,
    body: html`<p class="how">
        Each row is a cell of the experiment, summarised by the median over its trials; “saved” and “change” compare it
        with the baseline block by block. Small numbers are the interval, with at least
        ${percentText(experiment.confidence)} confidence. ${MEDIANS_NOTE} <b>n</b> is the number of valid trials of
        those run. ${markLegend(experiment)} <b>GC CPU</b> is that of the window; <b>GCCPUFraction</b> is the lifetime
        mean as Go reports it, shown so that the gap can be seen.
      </p>
      ${summaries.map(
        (summary) =>
          html`<h3>${summary.workload.workload} <span class="description">${summary.workload.description}</span></h3>
            ${summaryTable(summary)}`,
      )}
      <details class="numbers">
        <summary>Every contrast</summary>
        ${workloads.map((workload) => contrastNumbers(workload, metrics, workloads.length > 1))}
      </details>`,
  });
}

function summaryTable({ workload, columns, rows }: Summary): Html {
  const refusals = refusalsOf(columns.flatMap(({ figures }) => figures));
  const shown = columns.flatMap((column, i) => {
    if (column.repeats) return [];
    const next = columns[i + 1];
    // What is saved stands as a size and as a percentage together.
    return [{ column, share: next?.repeats === true ? next : undefined }];
  });
  const listed = table(
    `Summary of ${workload.workload}`,
    [
      { head: 'cell' },
      ...shown.map(({ column: { head, unit, meaning, metric }, share }) => ({
        head,
        unit: share === undefined ? unit : `${unit} and ${share.unit}`,
        title: meaning,
        numeric: true,
        extra: metric === 'gc.cpu_naive',
      })),
      { head: 'n', numeric: true, title: 'trials that count, of those run' },
    ],
    rows.map((cell, row) => ({
      mark: rowMark(cell),
      cells: [
        html`${cell.label}${cell.baseline && html` <span class="tag">baseline</span>`}${cell.warnings.length > 0 && html` <abbr class="flag" title="${cell.warnings.map(({ message }) => message).join('\n')}">⚠</abbr>`}${cell.shortfall !== undefined && html`<br /><span class="shortfall">${cell.shortfall}</span>`}`,
        ...shown.map(({ column: { figures, head }, share }): Content => {
          const figure = figures[row];
          if (figure === undefined && cell.baseline && (head === 'saved' || head === 'change'))
            return html`<span class="none">·</span>`;
          const own = figureCell(figure, cell.valid);
          return share === undefined || figure === undefined
            ? own
            : html`<span class="both"
                ><span>${own}</span><span>${figureCell(share.figures[row], cell.valid, share.unit)}</span></span
              >`;
        }),
        validText(cell),
      ],
    })),
    { cards: true, tools: 'columns' },
  );
  return html`${listed}${refusals.length > 0 && html`<p class="note">No interval: ${refusals.join('; ')}.</p>`}`;
}

function rowMark(cell: CellAnalysis): string {
  if (cell.valid === 0) return 'void';
  return cell.baseline ? 'baseline' : cell.role === 'a-a' ? 'repeat' : '';
}
