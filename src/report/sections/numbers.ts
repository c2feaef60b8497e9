import type { CellAnalysis, WorkloadAnalysis } from '../../analysis/analysis.ts';
import { commonScale } from '../../units/format-units.ts';
import type { MetricDefinition } from '../../metrics/metrics.ts';
import type { Estimate } from '../../statistics/estimate.ts';
import { columnScale } from '../column-scale.ts';
import { figureOf, figureLine, mapped } from '../figure.ts';
import type { Html } from '../html.ts';
import { html } from '../html.ts';
import { MEMORY_PARTS } from '../memory-parts.ts';
import { estimateTable } from './estimates.ts';
import { figureCell, table } from '../document/html-table.ts';

/** Every contrast of a workload: difference, ratio and p. */
export function contrastNumbers(
  workload: WorkloadAnalysis,
  metrics: readonly MetricDefinition[],
  named: boolean,
): Html {
  const labels = new Map(workload.cells.map(({ id, label }) => [id, label]));
  const rows = metrics.flatMap((metric) =>
    workload.contrasts
      .filter((contrast) => contrast.metric === metric.id)
      .map(({ cell, difference, ratio, adjustedP, rankBiserial, primary, verdict }) => ({
        heads: [`${metric.label}${primary ? ' *' : ''}`, labels.get(cell) ?? cell],
        unit: metric.unit,
        group: metric.id,
        estimate: difference,
        more: [
          ratio === undefined ? '–' : changeText(ratio),
          pText(adjustedP),
          verdict.claim,
          effectText(rankBiserial),
        ],
      })),
  );
  const name = `Contrasts of ${workload.workload}`;
  return html`${named && html`<h3>${workload.workload}</h3>`}${estimateTable(name, ['metric', 'cell'], rows, 'difference', ['ratio − 1', 'adjusted p', 'verdict', 'effect size'])}
    <p class="note">
      * primary. adjusted p: two-sided, by step-down max-T for the primary metrics and by Benjamini–Hochberg for the
      others, which are exploratory; the A/A cell is not tested. “ratio − 1” has its own interval, on which p and
      verdict are based. effect size: matched-pairs rank-biserial correlation, ±1 if all blocks agree.
    </p>
    ${noiseNumbers(workload, metrics)}`;
}

function pText(p: number | null): string {
  return p === null ? '–' : p.toPrecision(2);
}

function effectText(size: number | null | undefined): string {
  return size === undefined || size === null ? '–' : `${size < 0 ? '−' : '+'}${Math.abs(size).toFixed(2)}`;
}

/** What the A/A cell of a workload tells of each metric. */
function noiseNumbers({ workload, noise }: WorkloadAnalysis, metrics: readonly MetricDefinition[]): Html {
  const rows = metrics.flatMap(({ id, label, unit }) =>
    noise
      .filter(({ metric }) => metric === id)
      .map(({ sd, detectable, relativeSd, relativeDetectable, cells, holdsZero, n }) => {
        const scale = commonScale([sd ?? 0, detectable ?? 0], unit);
        const levels = cells.flatMap((cell) => cell.relativeSd ?? []);
        const text = (value: number | null): string => (value === null ? '–' : scale.number(value));
        return {
          cells: [
            label,
            text(sd),
            text(detectable),
            scale.suffix,
            share(relativeSd),
            share(relativeDetectable),
            levels.length === 0 ? '–' : [...new Set([Math.min(...levels), Math.max(...levels)].map(share))].join('–'),
            holdsZero === null ? '–' : holdsZero ? 'yes' : 'no',
            n,
          ],
        };
      }),
  );
  const numeric = true;
  return html`${
      rows.length > 0 &&
      table(
        `Noise of ${workload}`,
        [
          { head: 'metric' },
          { head: 'noise', numeric },
          { head: 'detectable', numeric },
          { head: 'unit' },
          { head: 'noise', unit: '%', numeric },
          { head: 'detectable', unit: '%', numeric },
          { head: 'noise of the levels', unit: '%', numeric },
          { head: 'A/A includes zero' },
          { head: 'n', numeric },
        ],
        rows,
      )
    }
    <p class="note">
      Noise: the standard deviation of the difference between two trials of the same setting in one block (A/A); as a
      percentage, that of the logarithm of their ratio; of the levels, the smallest and largest between a level and the
      baseline. Detectable: the smallest difference that this number of blocks finds with 80 % power, from the A/A
      pairs. A/A includes zero: whether the interval of the A/A contrast does, as in all but a few percent of such
      checks. n: blocks.
    </p>`;
}

function share(value: number | null): string {
  return value === null ? '–' : columnScale([{ value }], 'fraction').number(value);
}

/** The levels of some metrics in every cell. */
export function levelNumbers(
  name: string,
  workloads: readonly WorkloadAnalysis[],
  metrics: readonly MetricDefinition[],
): Html {
  const rows = metrics.flatMap((metric) =>
    inCells(workloads).flatMap(({ place, cell }) => {
      const estimate = cell.estimates[metric.id];
      return estimate === undefined
        ? []
        : [{ heads: [metric.label, ...place], unit: metric.unit, group: metric.id, estimate }];
    }),
  );
  return estimateTable(name, ['metric', ...placeHeads(workloads)], rows);
}

/** The latency of every cell at every quantile. */
export function latencyNumbers(workloads: readonly WorkloadAnalysis[], metrics: readonly MetricDefinition[]): Html {
  const unit = metrics.find(({ id }) => id === 'latency.p50')?.unit ?? 'seconds';
  const rows = inCells(workloads).flatMap(({ place, cell }) =>
    cell.latency.map(({ quantile, seconds }) => ({
      heads: [...place, `${Number((quantile * 100).toPrecision(6))} %`],
      unit,
      group: 'latency',
      estimate: seconds,
    })),
  );
  return estimateTable('Latency at each quantile', [...placeHeads(workloads), 'quantile'], rows);
}

/** The parts of memory of each cell, and what they should add up to. */
export function reconciliation(workloads: readonly WorkloadAnalysis[]): Html {
  return html`${workloads.map((workload) => {
      const cells = workload.cells.flatMap((cell) =>
        cell.composition === undefined ? [] : [{ cell, parts: cell.composition }],
      );
      if (cells.length === 0) return html``;
      const scale = commonScale(
        cells.map(({ parts }) => parts.rss?.value ?? parts.objects.value),
        'bytes',
      );
      const shown = (estimate: Estimate | undefined) =>
        figureCell(estimate && figureOf(estimate, { scale, kind: 'level' }));
      return html`${workloads.length > 1 && html`<h3>${workload.workload}</h3>`}${table(
        `Parts of memory of ${workload.workload}`,
        [
          { head: 'cell' },
          ...MEMORY_PARTS.map(({ name, formula }) => ({
            head: name,
            title: formula,
            unit: scale.suffix,
            numeric: true,
          })),
          { head: 'RSS', title: 'VmRSS', unit: scale.suffix, numeric: true },
          { head: 'returned', title: 'HeapReleased: not in the sum', unit: scale.suffix, numeric: true },
          { head: 'n', numeric: true },
        ],
        cells.map(({ cell, parts }) => ({
          cells: [
            cell.label,
            ...MEMORY_PARTS.map(({ key }) => shown(parts[key])),
            shown(parts.rss),
            shown(parts.released),
            parts.objects.n,
          ],
        })),
        { cards: true },
      )}`;
    })}
    <p class="note">
      ${MEMORY_PARTS.map(({ name, formula }) => `${name}: ${formula}`).join('; ')}. Medians over trials with their
      intervals (order statistics).
    </p>`;
}

function inCells(workloads: readonly WorkloadAnalysis[]): readonly { place: readonly string[]; cell: CellAnalysis }[] {
  return workloads.flatMap(({ workload, cells }) =>
    cells.map((cell) => ({ place: workloads.length > 1 ? [workload, cell.label] : [cell.label], cell })),
  );
}

function placeHeads(workloads: readonly WorkloadAnalysis[]): readonly string[] {
  return workloads.length > 1 ? ['workload', 'cell'] : ['cell'];
}

function changeText(ratio: Estimate): string {
  const change = mapped(ratio, (value) => value - 1);
  const scale = columnScale([change], 'fraction', 'difference');
  return figureLine(figureOf(change, { scale, kind: 'difference' }), scale.suffix);
}
