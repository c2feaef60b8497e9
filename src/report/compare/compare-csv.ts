import type { RunComparison } from '../../analysis/compare/run-comparison.ts';
import { METRICS } from '../../metrics/metrics.ts';
import type { Estimate } from '../../statistics/estimate.ts';
import { csvTable, estimateColumns } from '../csv-table.ts';

const COLUMNS = [
  'kind',
  'workload',
  'cell',
  'metric',
  'unit',
  'value',
  'low',
  'high',
  'confidence',
  'n',
  'p',
  'adjusted_p',
  'effect_size',
  'family',
  'verdict',
  'method',
  'note',
] as const;

/** Which levels of which factor a row compares, where they are of one run. */
const BY_COLUMNS = ['factor', 'base_level', 'new_level'] as const;

/**
 * The comparison as one tidy table in base units. `kind`: `base`, `new` (medians), `difference` (new − base), `ratio`
 * (new ÷ base), `geometric-mean` (of the ratio, over all cells), `warning` (in `note`). `effect_size`: Cliff's delta of new against base;
 * of two levels of one run, which two more columns name, the rank-biserial correlation of the pairs.
 */
export function comparisonCsv(comparisons: readonly RunComparison[]): string {
  const by = comparisons.some((one) => one.by !== undefined);
  return csvTable(by ? [...BY_COLUMNS, ...COLUMNS] : COLUMNS, comparisons.flatMap(rowsOf));
}

type Row = Partial<Record<(typeof COLUMNS | typeof BY_COLUMNS)[number], string | number | null>>;

function rowsOf(comparison: RunComparison): readonly Row[] {
  const rows: Row[] = comparison.cells.flatMap(({ workload, label, metrics }) =>
    metrics.flatMap((one) => {
      const { metric, p, adjustedP, family, verdict, reason } = one;
      const place = { workload, cell: label, metric };
      const { unit } = METRICS[metric];
      const level = (kind: string, estimate: Estimate | undefined): Row[] =>
        estimate === undefined ? [] : [{ kind, ...place, unit, ...estimateColumns(estimate) }];
      const found = { p, adjusted_p: adjustedP, effect_size: one.rankBiserial ?? one.cliffsDelta, family, verdict };
      const note = reason === undefined ? {} : { note: reason };
      return [
        ...level('base', one.base),
        ...level('new', one.new),
        {
          kind: 'difference',
          ...place,
          unit,
          ...(one.difference && estimateColumns(one.difference)),
          ...found,
          ...note,
        },
        ...(one.ratio === undefined
          ? []
          : [{ kind: 'ratio', ...place, unit: 'ratio', ...estimateColumns(one.ratio), ...found }]),
      ];
    }),
  );
  const means = comparison.geometricMeans.map(({ metric, ratio }): Row => ({
    kind: 'geometric-mean',
    metric,
    unit: 'ratio',
    ...estimateColumns(ratio),
  }));
  const warnings = comparison.warnings.map(({ code, message }): Row => ({
    kind: 'warning',
    method: code,
    note: message,
  }));
  const { by } = comparison;
  const sides: Row = by === undefined ? {} : { factor: by.factor, base_level: by.base, new_level: by.new };
  return [...rows, ...means, ...warnings].map((row) => ({ ...sides, ...row }));
}
