import type { Analysis, CellAnalysis, WorkloadAnalysis } from '../analysis/analysis.ts';
import type { MetricDefinition } from '../metrics/metrics.ts';
import { METRICS } from '../metrics/metrics.ts';
import { assertedText } from './assert/assert-words.ts';
import { COLUMNS, placeOf, type Row } from './csv-rows.ts';
import { csvTable, estimateColumns } from './csv-table.ts';
import { modelRows } from './model/model-csv.ts';
import { cutText } from './words.ts';

/**
 * The figures as one tidy table, a figure to a row, in base units. `kind`: `cut-short` (a run that ended before its plan
 * was done, in `note`), `warning` (its code in `method`, its text in
 * `note`), `trial` (a trial's own value),
 * `cell` (median over trials), `difference` (cell − baseline), `ratio` (cell ÷ baseline),
 * `noise` (standard deviation of the difference between two trials of a block: of the same setting, or of a cell and the
 * baseline), `noise-ratio` (of the logarithm of their ratio), `detectable` (what 4 of 5 such sweeps would find), `law`
 * (a coefficient of the cost model, which one in `note`), `left-out` (what the other levels predict for a cell; `note`
 * says whether it is so, or why the law is not fitted to it), `predicted` (a level that was not run), `gc-overhead`
 * (CPU ÷ what the work needs at most without GC), `shortfall` (what became of a cell's trials that do not count, in
 * `note`), `site` (what the function in `note` allocates itself, the mean of `n` profiles), `assertion` (what became of
 * it, in `note`, after what was held to the bounds) or `omnibus` (Friedman's χ² of whether any level differs, with its p).
 * `verdict`: what may be said of a contrast. `effect_size`: matched-pairs rank-biserial correlation, −1 to 1. Empty: not known.
 */
export function csvReport(analysis: Analysis): string {
  const { workloads, metrics, assertions, warnings } = analysis;
  const rows = workloads.flatMap((workload) =>
    metrics.flatMap((metric) => [
      ...workload.cells.flatMap((cell) => trialRows(workload, cell, metric)),
      ...workload.cells.flatMap((cell) => cellRows(workload, cell, metric)),
      ...contrastRows(workload, metric),
      ...noiseRows(workload, metric),
      ...modelRows(workload, metric),
      ...omnibusRows(workload, metric),
    ]),
  );
  const shortfalls = workloads.flatMap((workload) => workload.cells.flatMap((cell) => shortfallRows(workload, cell)));
  const sites = workloads.flatMap(siteRows);
  // First, where nobody overlooks them.
  const doubts = warnings.map(({ code, message, cell, trial, metric }): Row => ({
    kind: 'warning',
    ...(cell === undefined ? {} : { cell }),
    ...(trial === undefined ? {} : { trial }),
    ...(metric === undefined ? {} : { metric }),
    method: code,
    note: message,
  }));
  const cut = cutText(analysis);
  const short: Row[] = cut === undefined ? [] : [{ kind: 'cut-short', note: cut }];
  return csvTable(COLUMNS, [
    ...short,
    ...doubts,
    ...rows,
    ...shortfalls,
    ...sites,
    ...assertionRows(workloads, assertions),
  ]);
}

function assertionRows(workloads: readonly WorkloadAnalysis[], assertions: Analysis['assertions']): Row[] {
  return (assertions?.results ?? []).map(({ assertion, workload: name, cell: id, state, estimate, reason }) => {
    const workload = workloads.find((one) => one.workload === name);
    const cell = workload?.cells.find((one) => one.id === id);
    return {
      kind: 'assertion',
      ...(workload === undefined || cell === undefined ? {} : placeOf(workload, cell)),
      metric: assertion.metric,
      unit: assertion.kind === 'change' ? 'fraction' : METRICS[assertion.metric].unit,
      ...(estimate && estimateColumns(estimate)),
      note: `${state} (${assertion.level}): ${assertedText(assertion)}${reason === undefined ? '' : `: ${reason}`}`,
    };
  });
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
  return [
    { kind: 'cell', ...placeOf(workload, cell), metric: metric.id, unit: metric.unit, ...estimateColumns(estimate) },
  ];
}

function contrastRows(workload: WorkloadAnalysis, metric: MetricDefinition): Row[] {
  const cells = new Map(workload.cells.map((cell) => [cell.id, cell]));
  return workload.contrasts
    .filter((contrast) => contrast.metric === metric.id)
    .flatMap(({ cell: id, difference, ratio, p, adjustedP, rankBiserial, family, verdict }) => {
      const cell = cells.get(id);
      const place = {
        ...(cell === undefined ? { workload: workload.workload, cell: id } : placeOf(workload, cell)),
        metric: metric.id,
      };
      const tested = { p, adjusted_p: adjustedP, effect_size: rankBiserial ?? null, family, verdict: verdict.claim };
      return [
        { kind: 'difference', ...place, unit: metric.unit, ...estimateColumns(difference), ...tested },
        ...(ratio === undefined
          ? []
          : [{ kind: 'ratio', ...place, unit: 'ratio', ...estimateColumns(ratio), ...tested }]),
      ];
    });
}

function noiseRows(workload: WorkloadAnalysis, { id, unit }: MetricDefinition): Row[] {
  const again = workload.cells.find(({ role }) => role === 'a-a');
  return workload.noise
    .filter(({ metric }) => metric === id)
    .flatMap(({ sd, relativeSd, detectable, n, cells }) => {
      const rows = [...(again === undefined ? [] : [{ cell: again.id, sd, relativeSd, n }]), ...cells];
      return [
        ...rows.flatMap((one): Row[] => {
          const cell = workload.cells.find((each) => each.id === one.cell);
          const place = { ...(cell && placeOf(workload, cell)), metric: id, n: one.n };
          return [
            ...(one.sd === null ? [] : [{ kind: 'noise', ...place, unit, value: one.sd }]),
            ...(one.relativeSd === null
              ? []
              : [{ kind: 'noise-ratio', ...place, unit: 'log-ratio', value: one.relativeSd }]),
          ];
        }),
        ...(detectable === null
          ? []
          : [{ kind: 'detectable', workload: workload.workload, metric: id, unit, value: detectable, n }]),
      ];
    });
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
