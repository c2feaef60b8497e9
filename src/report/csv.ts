import type { Analysis, CellAnalysis, WorkloadAnalysis } from '../analysis/analysis.ts';
import type { MetricDefinition } from '../experiment/metrics.ts';
import type { Estimate } from '../statistics/estimate.ts';
import { csvTable } from './csv-table.ts';

const COLUMNS = [
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
  'method',
  'note',
] as const;
type Row = Partial<Record<(typeof COLUMNS)[number], string | number | null>>;

/**
 * The figures as one tidy table, a figure to a row, in base units. `kind`: `trial` (a trial's own value),
 * `cell` (median over trials), `difference` (cell − baseline), `ratio` (cell ÷ baseline),
 * `noise` (what the same setting run twice may differ by), `detectable` (what 4 of 5 such sweeps would find), `shortfall` (what became of a
 * cell's trials that do not count, in `note`) or `site` (what the function in `note` allocates itself, the mean of `n`
 * profiles), `omnibus` (Friedman's χ² of whether any level differs, with its p). `effect_size`: matched-pairs rank-biserial
 * correlation, −1 to 1. Empty: not known.
 */
export function csvReport({ workloads, metrics }: Analysis): string {
  const rows = workloads.flatMap((workload) =>
    metrics.flatMap((metric) => [
      ...workload.cells.flatMap((cell) => trialRows(workload, cell, metric)),
      ...workload.cells.flatMap((cell) => cellRows(workload, cell, metric)),
      ...contrastRows(workload, metric),
      ...noiseRows(workload, metric),
      ...omnibusRows(workload, metric),
    ]),
  );
  const shortfalls = workloads.flatMap((workload) => workload.cells.flatMap((cell) => shortfallRows(workload, cell)));
  const sites = workloads.flatMap(siteRows);
  return csvTable(COLUMNS, [...rows, ...shortfalls, ...sites]);
}

function siteRows(workload: WorkloadAnalysis): Row[] {
  return (workload.sites ?? []).flatMap(({ kind, cell: id, trials, top }) => {
    const cell = workload.cells.find((one) => one.id === id);
    const place = cell === undefined ? { workload: workload.workload, cell: id } : placeOf(workload, cell);
    return top.map(({ name, ownBytes }) => ({
      kind: 'site',
      ...place,
      metric: `sites.${kind}`,
      unit: 'bytes',
      value: ownBytes,
      n: trials.length,
      note: name,
    }));
  });
}

function trialRows(workload: WorkloadAnalysis, cell: CellAnalysis, metric: MetricDefinition): Row[] {
  return (cell.values[metric.id] ?? []).map(({ trial, block, value }) => ({
    kind: 'trial',
    ...placeOf(workload, cell),
    metric: metric.id,
    unit: metric.unit,
    trial,
    block,
    value,
  }));
}

function shortfallRows(workload: WorkloadAnalysis, cell: CellAnalysis): Row[] {
  if (cell.shortfall === undefined) return [];
  return [{ kind: 'shortfall', ...placeOf(workload, cell), n: cell.valid, note: cell.shortfall }];
}

function cellRows(workload: WorkloadAnalysis, cell: CellAnalysis, metric: MetricDefinition): Row[] {
  const estimate = cell.estimates[metric.id];
  if (estimate === undefined) return [];
  return [{ kind: 'cell', ...placeOf(workload, cell), metric: metric.id, unit: metric.unit, ...estimateOf(estimate) }];
}

function contrastRows(workload: WorkloadAnalysis, metric: MetricDefinition): Row[] {
  const cells = new Map(workload.cells.map((cell) => [cell.id, cell]));
  return workload.contrasts
    .filter((contrast) => contrast.metric === metric.id)
    .flatMap(({ cell: id, difference, ratio, p, adjustedP, rankBiserial, family }) => {
      const cell = cells.get(id);
      const place = {
        ...(cell === undefined ? { workload: workload.workload, cell: id } : placeOf(workload, cell)),
        metric: metric.id,
      };
      const tested = { p, adjusted_p: adjustedP, effect_size: rankBiserial ?? null, family };
      return [
        { kind: 'difference', ...place, unit: metric.unit, ...estimateOf(difference), ...tested },
        ...(ratio === undefined ? [] : [{ kind: 'ratio', ...place, unit: 'ratio', ...estimateOf(ratio), ...tested }]),
      ];
    });
}

function noiseRows({ workload, noise }: WorkloadAnalysis, { id, unit }: MetricDefinition): Row[] {
  return noise
    .filter(({ metric }) => metric === id)
    .flatMap(({ floor, detectable, n }) => [
      ...(floor === null ? [] : [{ kind: 'noise', workload, metric: id, unit, value: floor, n }]),
      ...(detectable === null ? [] : [{ kind: 'detectable', workload, metric: id, unit, value: detectable, n }]),
    ]);
}

function omnibusRows({ workload, omnibus = [] }: WorkloadAnalysis, { id }: MetricDefinition): Row[] {
  return omnibus
    .filter(({ metric }) => metric === id)
    .map(({ statistic, p, method, n, cells }) => ({
      kind: 'omnibus',
      workload,
      metric: id,
      unit: 'chi-square',
      value: statistic,
      n,
      p,
      method,
      note: `whether any of ${cells} levels differs`,
    }));
}

function placeOf({ workload }: WorkloadAnalysis, { id, role, baseline, levels }: CellAnalysis): Row {
  return {
    workload,
    cell: id,
    role,
    baseline: String(baseline),
    gogc: levels.gogc,
    gomemlimit_bytes: levels.gomemlimit,
  };
}

function estimateOf({ value, low, high, confidence, n, method, warnings }: Estimate): Row {
  return { value, low, high, confidence, n, method, note: warnings.join('; ') };
}
