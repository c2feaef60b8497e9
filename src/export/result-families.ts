import type { Analysis } from '../analysis/analysis.ts';
import { nightOf } from '../history/night-of-run.ts';
import { placeOfNight, type Night, type NightCell, type NightEstimate, type NightFigure } from '../history/night.ts';
import { commitOf, overviewOf, type ChangeOverview } from '../history/overview.ts';
import { METRIC_IDS, METRICS, type MetricId } from '../metrics/metrics.ts';
import type { Warning } from '../metrics/warning.ts';
import type { Estimate } from '../statistics/estimate.ts';
import type { MetricUnit } from '../units/format-units.ts';
import { cellLabels, namedCellLabels } from './cell-labels.ts';
import type { Family, FilledFamily, Labels, Sample } from './exposition.ts';

/** What is exported of one run: what a history keeps of it, and of a run that is there itself some more. */
export interface ExportedRun {
  readonly night: Night;
  /** When it began, which is when its figures are of. */
  readonly unixSeconds: number;
  /** Each cell against the baseline of its workload. */
  readonly contrasts?: readonly ExportedContrast[];
  readonly warnings?: readonly ExportedWarning[];
}

interface ExportedWarning {
  readonly warning: Warning;
  /** Of the cell that it is about, as its figures have them. */
  readonly labels: Labels;
}

interface ExportedContrast {
  readonly labels: Labels;
  readonly metric: MetricId;
  readonly ratio: Estimate;
}

/** The ends of an interval and what lies between them. */
const BOUNDS = { estimate: 'value', low: 'low', high: 'high' } as const;
/** What stands in a name for the unit of a metric; a count has none. */
const UNITS: Readonly<Record<MetricUnit, string | undefined>> = {
  bytes: 'bytes',
  seconds: 'seconds',
  fraction: 'ratio',
  cores: 'cores',
  count: undefined,
  'per-second': 'per_second',
  'bytes-per-second': 'bytes_per_second',
};

function gauge(name: string, help: string, unit?: string): Family {
  return { name: `gctune_${name}`, type: 'gauge', help, ...(unit === undefined ? {} : { unit }) };
}

/** The family of each metric’s figures. */
export const METRIC_FAMILIES: Readonly<Record<MetricId, Family>> = Object.fromEntries(
  METRIC_IDS.map((id) => {
    const { unit, label, definition } = METRICS[id];
    const suffix = UNITS[unit];
    const name = `result_${id.replaceAll('.', '_')}`;
    return [id, gauge(suffix === undefined ? name : `${name}_${suffix}`, `${label}: ${definition}`, suffix)];
  }),
) as Record<MetricId, Family>;

/** The families beside those of the metrics. */
export const RESULT_FAMILIES = {
  run: {
    name: 'gctune_run',
    type: 'info',
    help: 'A run that figures are of, with the versions of Go and gctune, and the commits that are written into its programs.',
  },
  night: {
    name: 'gctune_night',
    type: 'info',
    help: 'A run that was recorded in a history, with its commit, its branch and the address of its job.',
  },
  warning: {
    name: 'gctune_warning',
    type: 'info',
    help: 'A warning of a run: its code, what it is about, and its text.',
  },
  trials: gauge('result_trials', 'n: the number of trials that a figure is of, by metric.'),
  noise: gauge(
    'result_noise_ratio',
    'A/A noise: standard deviation of the log ratio of two trials of one setting in one block, of the baseline, by metric.',
    'ratio',
  ),
  baselineRatio: gauge('baseline_ratio', 'A cell ÷ the baseline of its workload, paired by block, by metric.', 'ratio'),
  baselineBlocks: gauge('baseline_ratio_blocks', 'n: the number of blocks that such a ratio is of.'),
  canaryRatio: gauge('canary_ratio', 'A cell ÷ the canary’s at the same setting, paired by block, by metric.', 'ratio'),
  canaryBlocks: gauge('canary_ratio_blocks', 'n: the number of blocks that such a ratio is of.'),
  usable: gauge('night_usable', '0 for a night whose canary moved, so that it judges nothing, else 1.'),
  change: gauge(
    'change_ratio',
    'A lasting change of a metric at the first night after it, as a share: 0.05 is 5 % more. of="machine": of the canary.',
    'ratio',
  ),
} as const satisfies Readonly<Record<string, Family>>;

/** What is exported of a run that is analysed. */
export function exportedRun(analysis: Analysis, unixSeconds: number): ExportedRun {
  const { workloads, warnings } = analysis;
  const labelsOf = new Map(workloads.flatMap(({ cells }) => cells.map((cell) => [cell.id, cellLabels(cell)] as const)));
  return {
    night: nightOf(analysis, {}),
    unixSeconds,
    warnings: warnings.map((warning) => {
      const { cell } = warning;
      return { warning, labels: cell === undefined ? {} : (labelsOf.get(cell) ?? { cell }) };
    }),
    contrasts: workloads.flatMap(({ contrasts }) =>
      contrasts.flatMap(({ cell, metric, ratio }) => {
        const labels = labelsOf.get(cell);
        return labels === undefined || ratio === undefined ? [] : [{ labels, metric, ratio }];
      }),
    ),
  };
}

/** What is exported of results. */
export interface ResultsRequest {
  /** Oldest first. */
  readonly runs: readonly ExportedRun[];
  /** They are the nights of a history: changes and unusable nights are told as well. */
  readonly history?: boolean;
  /** Only the newest run of each experiment and machine, as of now: for a file or page that is scraped. */
  readonly newest?: boolean;
}

/** The families of results, each series in one piece and in the order of time. */
export function* resultFamilies({ runs, history = false, newest = false }: ResultsRequest): Generator<FilledFamily> {
  const told = newest ? newestOf(runs) : runs;
  const filled = (family: Family, samples: (run: ExportedRun) => Iterable<Sample>): FilledFamily => ({
    family,
    samples: bySeries(told, samples, newest),
  });
  yield filled(RESULT_FAMILIES.run, ({ night }) => [{ labels: runLabels(night), value: 1 }]);
  if (history) yield filled(RESULT_FAMILIES.night, ({ night }) => [{ labels: recordLabels(night), value: 1 }]);
  yield filled(RESULT_FAMILIES.warning, warningSamples);
  for (const metric of METRIC_IDS) {
    yield filled(METRIC_FAMILIES[metric], ({ night }) =>
      figuresOf(night, metric).flatMap(([labels, figure]) => bounds(labels, figure)),
    );
  }
  yield filled(RESULT_FAMILIES.trials, ({ night }) => figures(night).map(([labels, { n }]) => ({ labels, value: n })));
  yield filled(RESULT_FAMILIES.noise, ({ night }) =>
    figures(night).flatMap(([labels, { noise }]) => (noise === undefined ? [] : [{ labels, value: noise }])),
  );
  yield filled(RESULT_FAMILIES.baselineRatio, ({ night, contrasts = [] }) =>
    contrasts.flatMap(({ labels, metric, ratio }) => bounds({ ...placeLabels(night), ...labels, metric }, ratio)),
  );
  yield filled(RESULT_FAMILIES.baselineBlocks, ({ night, contrasts = [] }) =>
    contrasts.map(({ labels, metric, ratio }) => ({
      labels: { ...placeLabels(night), ...labels, metric },
      value: ratio.n,
    })),
  );
  yield filled(RESULT_FAMILIES.canaryRatio, ({ night }) =>
    figures(night).flatMap(([labels, { toCanary }]) => (toCanary === undefined ? [] : bounds(labels, toCanary))),
  );
  yield filled(RESULT_FAMILIES.canaryBlocks, ({ night }) =>
    figures(night).flatMap(([labels, { toCanary }]) => (toCanary === undefined ? [] : [{ labels, value: toCanary.n }])),
  );
  if (history) yield* courseFamilies(runs, told, newest);
}

/** What the course of nights tells: those that are unusable, and where a series changed for good. Of nights that are not looked back on, nothing. */
function* courseFamilies(
  runs: readonly ExportedRun[],
  told: readonly ExportedRun[],
  newest: boolean,
): Generator<FilledFamily> {
  const lookedAt = new Set<string>();
  const unusable = new Set<string>();
  const changes = new Map<string, Change[]>();
  for (const nights of groupsOf(runs)) {
    const overview = overviewOf(nights);
    for (const { run, moved } of overview?.nights ?? []) {
      lookedAt.add(run);
      if (moved !== undefined) unusable.add(run);
    }
    for (const change of overview?.changes ?? []) {
      const night = overview?.nights[change.night];
      if (night !== undefined) changes.set(night.run, [...(changes.get(night.run) ?? []), ...changeSamples(change)]);
    }
  }
  yield {
    family: RESULT_FAMILIES.usable,
    samples: bySeries(
      told.filter(({ night }) => lookedAt.has(night.run)),
      ({ night }) => [{ labels: placeLabels(night), value: unusable.has(night.run) ? 0 : 1 }],
      newest,
    ),
  };
  yield {
    family: RESULT_FAMILIES.change,
    samples: bySeries(
      told,
      ({ night }) =>
        (changes.get(night.run) ?? []).map(({ labels, value }) => ({
          labels: { ...placeLabels(night), ...labels },
          value,
        })),
      newest,
    ),
  };
}

/** A change without what all figures of its night have. */
interface Change {
  readonly labels: Labels;
  readonly value: number;
}

function changeSamples({ metric, of, cells, from, to }: ChangeOverview): readonly Change[] {
  return cells.map(({ cell, change }) => ({
    labels: { ...namedCellLabels(cell), metric, of, from, to },
    value: change,
  }));
}

/** The nights of each experiment on each kind of machine. */
function groupsOf(runs: readonly ExportedRun[]): readonly (readonly Night[])[] {
  const groups = new Map<string, Night[]>();
  for (const { night } of runs) {
    const key = JSON.stringify(placeLabels(night));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [night]);
    else group.push(night);
  }
  return [...groups.values()];
}

function newestOf(runs: readonly ExportedRun[]): readonly ExportedRun[] {
  return [...new Map(runs.map((run) => [JSON.stringify(placeLabels(run.night)), run])).values()];
}

/** Samples run by run, put together series by series; of two at the same time the later one stands. */
function* bySeries(
  runs: readonly ExportedRun[],
  of: (run: ExportedRun) => Iterable<Sample>,
  newest: boolean,
): Generator<Sample> {
  const series = new Map<string, Map<number, Sample>>();
  for (const run of runs) {
    const { unixSeconds } = run;
    for (const { labels, value } of of(run)) {
      const key = JSON.stringify(labels);
      const own = series.get(key) ?? new Map<number, Sample>();
      own.set(unixSeconds, newest ? { labels, value } : { labels, value, unixSeconds });
      series.set(key, own);
    }
  }
  for (const own of series.values()) yield* own.values();
}

/** What all figures of a night have: they are of one series from night to night, so that nothing of the night itself is among it. */
function placeLabels(night: Night): Labels {
  return { experiment: night.experiment, machine: placeOfNight(night) };
}

/** What the run itself tells, so that it is one series whether the run was exported or a history that has it. */
function runLabels(night: Night): Labels {
  const { run, runner, toolVersion, programs } = night;
  return {
    ...placeLabels(night),
    run,
    runner,
    tool_version: toolVersion,
    go_version: [...new Set(programs.map(({ goVersion }) => goVersion))].join(' '),
    revision: [...new Set(programs.flatMap(({ revision }) => revision ?? []))].join(' '),
  };
}

/** What was told when the run was recorded. */
function recordLabels(night: Night): Labels {
  const { run, branch, job } = night;
  return { ...placeLabels(night), run, commit: commitOf(night), branch, job };
}

function warningSamples({ night, warnings = [] }: ExportedRun): readonly Sample[] {
  return warnings.map(({ warning: { code, message, metric, trial }, labels }) => ({
    labels: { ...placeLabels(night), run: night.run, ...labels, code, metric, trial, message },
    value: 1,
  }));
}

function figuresOf(night: Night, metric: MetricId): readonly (readonly [Labels, NightFigure])[] {
  return night.cells.flatMap((cell) => {
    const figure = cell.metrics[metric];
    return figure === undefined ? [] : [[nightCellLabels(night, cell), figure] as const];
  });
}

/** Every figure of a night, with its metric among the labels. */
function figures(night: Night): readonly (readonly [Labels, NightFigure])[] {
  return METRIC_IDS.flatMap((metric) =>
    figuresOf(night, metric).map(([labels, figure]) => [{ ...labels, metric }, figure] as const),
  );
}

function nightCellLabels(night: Night, { cell, canary = false }: NightCell): Labels {
  return { ...placeLabels(night), ...namedCellLabels(cell), role: canary ? 'canary' : 'daemon' };
}

/** An estimate and the ends of its interval; an end that cannot be had is left out. */
function bounds(labels: Labels, estimate: NightEstimate): readonly Sample[] {
  return Object.entries(BOUNDS).flatMap(([bound, key]) => {
    const value = estimate[key];
    return value === null ? [] : [{ labels: { ...labels, bound }, value }];
  });
}
