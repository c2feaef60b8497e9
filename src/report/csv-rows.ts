import type { CellAnalysis, WorkloadAnalysis } from '../analysis/analysis.ts';

/** The columns of the CSV report, in their order. */
export const COLUMNS = [
  'kind',
  'workload',
  'cell',
  'role',
  'baseline',
  'gogc',
  'gomemlimit_bytes',
  'metric',
  'unit',
  'trial',
  'block',
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
/** One row; what it does not have is empty. */
export type Row = Partial<Record<(typeof COLUMNS)[number], string | number | null>>;

/** Where a figure belongs. */
export function placeOf({ workload }: WorkloadAnalysis, { id, role, baseline, levels }: CellAnalysis): Row {
  return {
    workload,
    cell: id,
    role,
    baseline: String(baseline),
    gogc: levels.gogc,
    gomemlimit_bytes: levels.gomemlimit,
  };
}
