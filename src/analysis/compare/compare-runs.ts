import { isCompared } from '../../experiment/workloads/kinds.ts';
import { betterBetween, METRIC_IDS, type MetricId } from '../../metrics/metrics.ts';
import { cliffsDelta } from '../../statistics/effect-size.ts';
import { hodgesLehmannTwoSample, hodgesLehmannTwoSampleRatio } from '../../statistics/hodges-lehmann-two-sample.ts';
import { mannWhitneyTest } from '../../statistics/mann-whitney.ts';
import { benjaminiHochberg, holm } from '../../statistics/multiplicity.ts';
import type { Analysis } from '../analysis.ts';
import { type CellPair, missingCells, pairCells, valuesOf } from './cell-pairs.ts';
import { comparedVerdict } from './compared-verdict.ts';
import { comparisonWarnings } from './comparison-warnings.ts';
import { differencesOf } from './differences.ts';
import { geometricMeans } from './geometric-means.ts';
import type { ComparedCell, ComparedMetric, ComparedRun, RunComparison } from './run-comparison.ts';
import { COMPARISON_VERSION } from './run-comparison.ts';

/** What a comparison is asked for beyond the two runs. */
export interface CompareOptions {
  /** Share of the base's median that a change must exceed; 0.02 is 2 %. */
  readonly margin: number;
}

/**
 * Two runs, cell by cell: the trials of one against those of the other as two independent samples, since nothing pairs
 * the blocks of different runs. Compares whatever both have; whether they may be compared is in `differences`.
 */
export function compareRuns(base: Analysis, other: Analysis, { margin }: CompareOptions): RunComparison {
  const { experiment } = base.run;
  // The stricter of the two: a claim must satisfy both.
  const confidence = Math.max(experiment.confidence, other.run.experiment.confidence);
  const primaries = new Set([...experiment.primaries, ...other.run.experiment.primaries]);
  const pairs = pairCells(base, other);
  const differences = differencesOf(base.run, other.run);
  const missing = missingCells(base, other);
  const raw = pairs.map((pair) =>
    METRIC_IDS.filter((metric) =>
      [base, other].every(({ run }) => isCompared(metric, run.experiment.workloads[pair.base.levels.workload])),
    ).flatMap((metric) => measured(pair, metric, primaries.has(metric), confidence) ?? []),
  );
  const adjusted = adjust(raw.flat());
  const rule = { confidence, matters: margin };
  const otherProgram = base.run.artifact.digest !== other.run.artifact.digest;
  const cells = pairs.map(({ workload, base: cell }, i): ComparedCell => {
    const { label, levels } = cell;
    const metrics = (raw[i] ?? []).map((one): ComparedMetric => {
      const adjustedP = adjusted.get(one) ?? null;
      return {
        ...one,
        adjustedP,
        ...comparedVerdict({ ...one, adjustedP }, betterBetween(one.metric, otherProgram), rule),
      };
    });
    return { workload, label, levels, metrics };
  });
  return {
    formatVersion: COMPARISON_VERSION,
    base: runOf(base),
    new: runOf(other),
    confidence,
    margin,
    differences,
    missing,
    cells,
    geometricMeans: geometricMeans(pairs, confidence),
    warnings: comparisonWarnings(differences, missing, cells, base, other),
  };
}

/** A compared metric before the families are known. */
type Measured = Omit<ComparedMetric, 'adjustedP' | 'verdict' | 'reason'>;

function measured(
  { base, other }: CellPair,
  metric: MetricId,
  primary: boolean,
  confidence: number,
): Measured | undefined {
  const [before, after] = [valuesOf(base, metric), valuesOf(other, metric)];
  if (before.length === 0 && after.length === 0) return undefined;
  const both = before.length > 0 && after.length > 0;
  const tested = both ? mannWhitneyTest(after, before) : undefined;
  const positive = [...before, ...after].every((value) => value > 0);
  return {
    metric,
    family: primary ? 'primary' : 'exploratory',
    base: base.estimates[metric],
    new: other.estimates[metric],
    difference: both ? hodgesLehmannTwoSample(after, before, confidence) : undefined,
    ratio: both && positive ? hodgesLehmannTwoSampleRatio(after, before, confidence) : undefined,
    p: tested?.p ?? null,
    cliffsDelta: tested === undefined ? null : cliffsDelta(tested, after.length, before.length),
  };
}

/** Adjusted p of each that has one: primaries after Holm, the rest after Benjamini and Hochberg. */
function adjust(all: readonly Measured[]): ReadonlyMap<Measured, number> {
  const adjusted = new Map<Measured, number>();
  for (const [family, correct] of [
    ['primary', holm],
    ['exploratory', benjaminiHochberg],
  ] as const) {
    const tested = all.filter((one) => one.family === family && one.p !== null);
    const ps = correct(tested.map(({ p }) => p as number));
    tested.forEach((one, i) => adjusted.set(one, ps[i] as number));
  }
  return adjusted;
}

function runOf({ run }: Analysis): ComparedRun {
  const { id, startedAt, artifact } = run;
  return { id, startedAt, artifact: artifact.description, goVersion: artifact.buildInfo.goVersion };
}
