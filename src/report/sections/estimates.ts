import type { MetricUnit } from '../../experiment/format-units.ts';
import type { Estimate } from '../../statistics/estimate.ts';
import { columnScale } from '../column-scale.ts';
import { figureOf } from '../figure.ts';
import type { Content, Html } from '../html.ts';
import { html } from '../html.ts';
import { table } from './table.ts';

/** One estimate of a table of numbers. */
export interface EstimateRow {
  /** What it is of: the cell, then what further tells it from the other rows. */
  readonly heads: readonly string[];
  readonly unit: MetricUnit;
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
  const columns = [
    ...heads.map((head) => ({ head })),
    { head: kind === 'level' ? 'value' : 'difference', numeric: true },
    { head: 'interval', numeric: true },
    { head: 'unit' },
    ...more.map((head) => ({ head, numeric: true })),
    { head: 'confidence', numeric: true },
    { head: 'n', numeric: true },
    { head: 'method' },
  ];
  return table(
    name,
    columns,
    rows.map(({ heads: own, unit, estimate, more: behind = [] }) => {
      const scale = columnScale([estimate], unit);
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
          estimate.method,
        ],
      };
    }),
  );
}

/** A confidence as it was attained: `98.4 %`; never rounded up to certainty. */
export function confidenceText(confidence: number): string {
  return `${(Math.floor(confidence * 1000) / 10).toFixed(1)} %`;
}
