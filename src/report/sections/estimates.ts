import type { MetricUnit } from '../../units/format-units.ts';
import type { Estimate } from '../../statistics/estimate.ts';
import { columnScale } from '../column-scale.ts';
import { figureOf } from '../figure.ts';
import type { Content, Html } from '../html.ts';
import { html } from '../html.ts';
import { table } from '../document/html-table.ts';

/** One estimate of a table of numbers. */
export interface EstimateRow {
  /** What it is of: the cell, then what further tells it from the other rows. */
  readonly heads: readonly string[];
  readonly unit: MetricUnit;
  /** Rows of one group are shown in one unit. */
  readonly group: string;
  readonly estimate: Estimate;
  /** Columns behind the estimate's own. */
  readonly more?: readonly Content[];
}

/** The numbers behind a chart: each with its interval, the confidence that it attains, n and the method. */
export function estimateTable(
  name: string,
  heads: readonly string[],
  rows: readonly EstimateRow[],
  kind: 'level' | 'difference' = 'level',
  more: readonly string[] = [],
): Html {
  // One method for all rows is said once, below.
  const methods = [...new Set(rows.map(({ estimate }) => estimate.method))];
  const several = methods.length > 1;
  const scales = new Map(
    [...Map.groupBy(rows, ({ group }) => group)].map(([group, own]) => [
      group,
      columnScale(
        own.map(({ estimate }) => estimate),
        own[0]?.unit ?? 'count',
        kind,
      ),
    ]),
  );
  const columns = [
    ...heads.map((head) => ({ head })),
    { head: kind === 'level' ? 'value' : 'difference', numeric: true },
    { head: 'interval', numeric: true },
    { head: 'unit' },
    ...more.map((head) => ({ head, numeric: true })),
    { head: 'confidence', numeric: true },
    { head: 'n', numeric: true },
    ...(several ? [{ head: 'method' }] : []),
  ];
  const shown = table(
    name,
    columns,
    rows.map(({ heads: own, unit, group, estimate, more: behind = [] }) => {
      const scale = scales.get(group) ?? columnScale([estimate], unit, kind);
      const figure = figureOf(estimate, { scale, kind });
      return {
        cells: [
          ...own,
          figure.value,
          figure.interval ?? html`<span class="refusal">${figure.refusal}</span>`,
          scale.suffix,
          ...behind,
          figure.confidence === undefined ? '–' : confidenceText(figure.confidence),
          figure.n,
          ...(several ? [estimate.method] : []),
        ],
      };
    }),
  );
  return html`${shown}${!several && html`<p class="note">Intervals: ${methods.join('')}.</p>`}`;
}

/** A confidence as it was attained: `98.4 %`; never rounded up to certainty. */
export function confidenceText(confidence: number): string {
  return `${(Math.floor(confidence * 1000) / 10).toFixed(1)} %`;
}
