import type { Analysis, CellAnalysis, WorkloadAnalysis } from '../analysis/analysis.ts';
import { pairsByBlock } from '../analysis/inference/contrasts.ts';
import type { Experiment } from '../experiment/experiment.ts';
import { METRIC_IDS, type MetricId } from '../metrics/metrics.ts';
import type { RunManifest, Variant } from '../results/format.ts';
import type { Estimate } from '../statistics/estimate.ts';
import { hodgesLehmannRatio } from '../statistics/hodges-lehmann.ts';
import { gateFloors } from './gate-floors.ts';
import { baselineVersion, isOfVersion } from './versions.ts';
import {
  cellName,
  HISTORY_VERSION,
  type Night,
  type NightCell,
  type NightEstimate,
  type NightFigure,
} from './night.ts';

/** Where what was built comes from. */
export type Provenance = Pick<Night, 'commit' | 'branch' | 'job'>;

/** What of the machine is kept: what nights may differ by, and a reader asks for. Its load at the start is in the run. */
const MACHINE = [
  'platform',
  'architecture',
  'kernel',
  'distribution',
  'cpuModel',
  'cpuCount',
  'cpuUsable',
  'cpuGovernor',
  'virtualised',
  'memoryBytes',
  'transparentHugePages',
  'cgroupVersion',
  'dockerVersion',
] as const;
/** More than the eye or a test can tell apart, and a third of what a double is written with. */
const DIGITS = 9;

/** A run as one line of a history. */
export function nightOf({ run, workloads }: Pick<Analysis, 'run' | 'workloads'>, provenance: Provenance): Night {
  const { id, startedAt, toolVersion, runner, environment, experiment } = run;
  const baseline = baselineVersion(experiment);
  return {
    historyVersion: HISTORY_VERSION,
    run: id,
    startedAt,
    experiment: experiment.name,
    toolVersion,
    runner,
    confidence: experiment.confidence,
    ...provenance,
    machine: Object.fromEntries(
      MACHINE.flatMap((key) => (environment[key] === undefined ? [] : [[key, environment[key]]])),
    ),
    programs: programsOf(run),
    ...(experiment.canary === undefined ? {} : { canary: experiment.canary }),
    ...(baseline === undefined ? {} : { baseline }),
    gate: Object.fromEntries(gateFloors(experiment)),
    cells: cellsOf({ ...experiment, baseline }, workloads),
  };
}

function programsOf(run: RunManifest): Night['programs'] {
  const all: readonly Pick<Variant, 'factors' | 'artifact'>[] = run.variants ?? [
    { factors: {}, artifact: run.artifact },
  ];
  const byName = new Map(
    all.map(({ factors, artifact: { digest, buildInfo } }) => {
      const version = factors['version'];
      const revision = buildInfo.settings['vcs.revision'];
      return [
        `${version ?? ''} ${digest}`,
        {
          ...(version === undefined ? {} : { version }),
          digest,
          goVersion: buildInfo.goVersion,
          ...(revision === undefined ? {} : { revision }),
        },
      ] as const;
    }),
  );
  return [...byName.values()];
}

/** Every cell but the A/A ones, each with its ratio to the canary's; `baseline`: the version that others are held to. */
export function cellsOf(
  {
    canary,
    baseline,
    confidence,
  }: Pick<Experiment, 'canary' | 'confidence'> & { readonly baseline?: string | undefined },
  workloads: readonly Pick<WorkloadAnalysis, 'cells' | 'noise'>[],
): readonly NightCell[] {
  const all = workloads.flatMap(({ cells }) => cells.filter(({ role }) => role === 'level'));
  const canaries = all.filter(({ levels }) => isOfVersion(levels, canary));
  return workloads.flatMap(({ cells, noise }) =>
    cells
      .filter(({ role }) => role === 'level')
      .map((cell): NightCell => {
        const own = isOfVersion(cell.levels, canary);
        const twin = own ? undefined : twinOf(cell, canaries);
        const metrics: { -readonly [Id in MetricId]?: NightFigure } = {};
        for (const metric of METRIC_IDS) {
          const estimate = cell.estimates[metric];
          if (estimate === undefined) continue;
          const scatter = cell.baseline ? noise.find((one) => one.metric === metric)?.relativeSd : undefined;
          const toCanary = twin && ratioTo(twin, cell, metric, confidence);
          metrics[metric] = {
            ...rounded(estimate),
            ...(scatter === undefined || scatter === null ? {} : { noise: short(scatter) }),
            ...(toCanary === undefined ? {} : { toCanary: rounded(toCanary) }),
          };
        }
        return {
          cell: cellName(cell.levels),
          ...(own ? { canary: true } : {}),
          ...(isOfVersion(cell.levels, baseline) ? { baseline: true } : {}),
          metrics,
        };
      }),
  );
}

/** The canary's cell that differs in nothing but the version; where it was not run at this setting, its first of the same workload. */
export function twinOf(cell: CellAnalysis, canaries: readonly CellAnalysis[]): CellAnalysis | undefined {
  const nameWithout = ({ levels }: CellAnalysis): string => {
    const { version: _, ...factors } = levels.factors ?? {};
    return cellName({ ...levels, factors });
  };
  return (
    canaries.find((one) => nameWithout(one) === nameWithout(cell)) ??
    canaries.find((one) => one.levels.workload === cell.levels.workload)
  );
}

function ratioTo(twin: CellAnalysis, cell: CellAnalysis, metric: MetricId, confidence: number): Estimate | undefined {
  const pairs = pairsByBlock(cell, twin, metric);
  if (pairs.length === 0 || !pairs.flat().every((value) => value > 0)) return undefined;
  return hodgesLehmannRatio(pairs, confidence);
}

function rounded({ value, low, high, n }: Estimate): NightEstimate {
  return { value: short(value), low: low === null ? null : short(low), high: high === null ? null : short(high), n };
}

function short(value: number): number {
  return Number(value.toPrecision(DIGITS));
}
