import type { Analysis, CellAnalysis, WorkloadAnalysis } from '../analysis/analysis.ts';
import type { MetricDefinition, MetricId } from '../metrics/metrics.ts';
import { METRICS } from '../metrics/metrics.ts';
import type { Estimate } from '../statistics/estimate.ts';
import { baselineOf, contrastOf, markOf, metricName, type VerdictMark } from './comparison.ts';
import { columnScale } from './column-scale.ts';
import type { Figure, FigureStyle } from './figure.ts';
import { figureOf, mapped } from './figure.ts';

/** One column of the summary: a unit for all of its figures. */
export interface SummaryColumn {
  readonly metric: MetricId;
  readonly head: string;
  readonly unit: string;
  /** It says in another unit what the column before it says: left out where room is short. */
  readonly repeats: boolean;
  /** What the figures are, for a reader who asks. */
  readonly meaning: string;
  /** By cell, in the order of the rows; undefined where there is no figure. */
  readonly figures: readonly (SummaryFigure | undefined)[];
}

/** A figure of the summary. */
export interface SummaryFigure extends Figure {
  /** What its contrast's verdict makes of it; nothing of a level. */
  readonly mark: VerdictMark;
}

/** The summary of a workload: a row for each cell, the same in every format. */
export interface Summary {
  readonly workload: WorkloadAnalysis;
  readonly columns: readonly SummaryColumn[];
  readonly rows: readonly CellAnalysis[];
}

/** The summary of every workload. */
export function summariesOf(analysis: Analysis): readonly Summary[] {
  const known = new Map(analysis.metrics.map((metric) => [metric.id, metric]));
  return analysis.workloads.map((workload) => summaryOf(workload, (id) => known.get(id) ?? METRICS[id]));
}

function summaryOf(workload: WorkloadAnalysis, define: (id: MetricId) => MetricDefinition): Summary {
  const baseline = baselineOf(workload);
  const { memory, cost } = workload.axes;
  const rows = workload.cells;
  const versus = baseline === undefined ? 'the baseline' : baseline.label;
  const level = (id: MetricId | undefined, head?: string): SummaryColumn[] => {
    if (id === undefined) return [];
    const { label, unit, definition } = define(id);
    return column(
      id,
      head ?? label,
      definition,
      unit,
      'level',
      rows.map(({ estimates }) => estimates[id]),
    );
  };
  const contrast = (
    id: MetricId | undefined,
    kind: 'difference' | 'saving',
    relative: boolean,
    head: string,
    meaning: string,
  ): SummaryColumn[] => {
    if (id === undefined) return [];
    const sign = kind === 'saving' ? -1 : 1;
    const estimates = rows.map((cell) => {
      const found = contrastOf(workload, cell, id);
      if (found === undefined) return undefined;
      if (!relative) return mapped(found.difference, (value) => sign * value);
      return found.ratio && mapped(found.ratio, (value) => sign * (value - 1));
    });
    const made = column(id, head, meaning, relative ? 'fraction' : define(id).unit, kind, estimates);
    return made.map((one) => ({
      ...one,
      repeats: kind === 'saving' && relative,
      figures: one.figures.map((figure, i) => figure && marked(workload, rows[i], id, figure)),
    }));
  };
  const memoryName = memory === undefined ? '' : define(memory).label;
  const costName = cost === undefined ? '' : metricName(workload, cost, define(cost));
  return {
    workload,
    rows,
    columns: [
      ...level(memory),
      ...contrast(
        memory,
        'saving',
        false,
        'saved',
        `${memoryName} of ${versus} less that of the cell, paired by block.`,
      ),
      ...contrast(memory, 'saving', true, 'saved', `the same as a percentage of ${versus}, from the ratio of the two.`),
      ...level(cost, costName),
      ...contrast(
        cost,
        'difference',
        true,
        'change',
        `${costName} of the cell ÷ that of ${versus}, less 1, paired by block.`,
      ),
      ...level('gc.cpu_window', 'GC CPU'),
      ...level('gc.cpu_naive', 'GCCPUFraction'),
      ...(cost === 'batch.duration' || workload.unit !== 'run' ? [] : level('batch.duration', 'duration')),
      ...level('latency.p99'),
    ],
  };
}

function column(
  metric: MetricId,
  head: string,
  meaning: string,
  unit: MetricDefinition['unit'],
  kind: FigureStyle['kind'],
  estimates: readonly (Estimate | undefined)[],
): SummaryColumn[] {
  const found = estimates.flatMap((estimate) => estimate ?? []);
  if (found.length === 0) return [];
  const scale = columnScale(found, unit, kind);
  const figures = estimates.map(
    (estimate) => estimate && { ...figureOf(estimate, { scale, kind }), mark: '' as const },
  );
  return [{ metric, head, unit: scale.suffix, repeats: false, meaning, figures }];
}

function marked(
  workload: WorkloadAnalysis,
  cell: CellAnalysis | undefined,
  metric: MetricId,
  figure: SummaryFigure,
): SummaryFigure {
  const contrast = cell && contrastOf(workload, cell, metric);
  return { ...figure, mark: contrast === undefined ? '' : markOf(contrast) };
}
