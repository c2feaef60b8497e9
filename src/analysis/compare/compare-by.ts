import { varyingFactors, type Factor } from '../../experiment/factors.ts';
import { betterBetween, METRIC_IDS, type MetricId } from '../../metrics/metrics.ts';
import { variantOf, type RunManifest } from '../../results/format.ts';
import { rankBiserial } from '../../statistics/effect-size.ts';
import { hodgesLehmann, hodgesLehmannRatio } from '../../statistics/hodges-lehmann.ts';
import { maxT } from '../../statistics/max-t.ts';
import { benjaminiHochberg } from '../../statistics/multiplicity.ts';
import { seededStream } from '../../statistics/random.ts';
import { signedRankTest } from '../../statistics/signed-rank.ts';
import { SIMULATED_WARNING, type Warning } from '../../metrics/warning.ts';
import type { WorkloadAnalysis } from '../analysis.ts';
import { blocksOf } from '../inference/contrasts.ts';
import { levelCells, type CellPair } from './cell-pairs.ts';
import { comparedVerdict } from './compared-verdict.ts';
import { withoutRatio } from './comparison-warnings.ts';
import { pairedGeometricMeans } from './geometric-means.ts';
import { COMPARISON_VERSION, type ComparedCell, type ComparedMetric, type RunComparison } from './run-comparison.ts';

/** Factors whose levels are programs of their own. */
const BUILDS: ReadonlySet<string> = new Set(['version', 'toolchain']);

/** The levels of one factor against its baseline level, at equal levels of everything else. */
export interface FactorComparison {
  readonly factor: string;
  /** One for each other level, in the order of the matrix. */
  readonly comparisons: readonly RunComparison[];
}

/** What every further factor that varies makes of the cells; nothing where none does. */
export function factorComparisons(
  run: RunManifest,
  workloads: readonly WorkloadAnalysis[],
): readonly FactorComparison[] {
  return varyingFactors(run.experiment.matrix).map((factor) =>
    compareBy({ run, workloads }, factor, run.experiment.matters ?? 0),
  );
}

/**
 * Every cell against the one that differs from it in this factor alone and has its baseline level: block by block, since
 * both ran in the same blocks. The primary contrasts of all levels of the factor are one family, adjusted as those of the
 * settings are: by max-T, and never below their own p; the rest after Benjamini and Hochberg.
 */
export function compareBy(
  { run, workloads }: { readonly run: RunManifest; readonly workloads: readonly WorkloadAnalysis[] },
  { name, levels, baseline }: Factor,
  margin: number,
): FactorComparison {
  const { confidence } = run.experiment;
  const measured = levels
    .filter((level) => level !== baseline)
    .map((level) => ({
      level,
      pairs: pairsOf(workloads, name, level, baseline).map((pair) => ({
        ...pair,
        metrics: METRIC_IDS.flatMap((metric) => contrastOf(pair, metric, run) ?? []),
      })),
    }));
  const adjusted = adjust(
    measured.flatMap(({ pairs }) => pairs.flatMap(({ metrics }) => metrics)),
    run.plan.seed,
    name,
  );
  const rule = { confidence, matters: margin };
  const comparisons = measured.map(({ level, pairs }): RunComparison => {
    const cells = pairs.map(({ workload, base, metrics }): ComparedCell => {
      const { label, levels: own } = base;
      return {
        workload,
        label,
        levels: own,
        metrics: metrics.map((whole): ComparedMetric => {
          const { changes: _, ...one } = whole;
          const adjustedP = adjusted.get(whole) ?? null;
          return {
            ...one,
            adjustedP,
            ...comparedVerdict({ ...one, adjustedP }, betterBetween(one.metric, BUILDS.has(name)), rule),
          };
        }),
      };
    });
    const base = pairs[0]?.base;
    const other = pairs[0]?.other;
    const sideOf = (text: string, at: CellPair['base'] | undefined): RunComparison['base'] => {
      const { artifact } = variantOf(run, at?.levels ?? {});
      const { id, startedAt } = run;
      return {
        id: `${name}=${text}`,
        startedAt,
        artifact: artifact.description,
        goVersion: artifact.buildInfo.goVersion,
        run: id,
      };
    };
    return {
      formatVersion: COMPARISON_VERSION,
      by: { factor: name, base: baseline, new: level },
      base: sideOf(baseline, base),
      new: sideOf(level, other),
      confidence,
      margin,
      differences: [],
      missing: missingOf(workloads, name, level, baseline),
      cells,
      geometricMeans: pairedGeometricMeans(pairs, confidence),
      warnings: [
        ...run.warnings.filter(({ code }) => code === SIMULATED_WARNING.code),
        ...missingOf(workloads, name, level, baseline).map(({ workload, cell, in: side }) => ({
          code: 'cell-missing',
          message: `${workload}: ${cell} is only at ${name}=${side === 'base' ? baseline : level} and is not compared`,
        })),
        ...pairs.flatMap((pair) => [
          ...lostOf(pair, pair.base, `${name}=${baseline}`),
          ...lostOf(pair, pair.other, `${name}=${level}`),
        ]),
        ...cells.flatMap(withoutRatio),
      ],
    };
  });
  return { factor: name, comparisons };
}

/** What became of the trials of a cell that do not count: without it nobody knows why there are so few. */
function lostOf({ workload, base }: CellPair, { shortfall }: CellPair['base'], side: string): readonly Warning[] {
  if (shortfall === undefined) return [];
  return [{ code: 'trials-lost', message: `${workload}: ${base.label}, ${side}: ${shortfall}` }];
}

/** A contrast before its family is known as a whole. */
type Measured = Omit<ComparedMetric, 'adjustedP' | 'verdict' | 'reason'> & {
  readonly changes: ReadonlyMap<number, number>;
};

/** Cells that differ in the factor alone, in the order of the matrix; the stratum is named without the factor. */
function pairsOf(
  workloads: readonly WorkloadAnalysis[],
  factor: string,
  level: string,
  baseline: string,
): readonly CellPair[] {
  const at = (wanted: string): readonly WorkloadAnalysis[] =>
    workloads.filter(({ stratum }) => stratum?.factors[factor] === wanted);
  return at(baseline).flatMap((base) => {
    const twin = at(level).find((one) => restOf(one, factor) === restOf(base, factor));
    if (twin === undefined) return [];
    return levelCells(base).flatMap((cell): readonly CellPair[] => {
      const other = levelCells(twin).find(({ levels }) => sameSetting(levels, cell.levels));
      return other === undefined ? [] : [{ workload: restOf(base, factor), base: cell, other }];
    });
  });
}

function missingOf(
  workloads: readonly WorkloadAnalysis[],
  factor: string,
  level: string,
  baseline: string,
): RunComparison['missing'] {
  const side = (own: string, other: string, of: 'base' | 'new'): RunComparison['missing'] =>
    workloads
      .filter(({ stratum }) => stratum?.factors[factor] === own)
      .flatMap((workload) => {
        const twins = workloads.filter(
          (one) => one.stratum?.factors[factor] === other && restOf(one, factor) === restOf(workload, factor),
        );
        return levelCells(workload)
          .filter((cell) => !twins.some((twin) => levelCells(twin).some((one) => sameSetting(one.levels, cell.levels))))
          .map(({ label }) => ({ workload: restOf(workload, factor), cell: label, in: of }));
      });
  return [...side(baseline, level, 'base'), ...side(level, baseline, 'new')];
}

/** `steady cpus=2`: a stratum by everything but one factor. */
function restOf({ workload, stratum }: WorkloadAnalysis, factor: string): string {
  if (stratum === undefined) return workload;
  const others = stratum.label.split(' ').filter((term) => !term.startsWith(`${factor}=`));
  return [stratum.workload, ...others].filter((part) => part !== '').join(' ');
}

function sameSetting(a: CellPair['base']['levels'], b: CellPair['base']['levels']): boolean {
  return a.gogc === b.gogc && a.gomemlimit === b.gomemlimit;
}

function contrastOf({ base, other }: CellPair, metric: MetricId, { experiment }: RunManifest): Measured | undefined {
  const { confidence, primaries } = experiment;
  if (base.estimates[metric] === undefined && other.estimates[metric] === undefined) return undefined;
  const blocks = blocksOf(other, base, metric);
  const pairs = [...blocks.values()];
  const positive = pairs.flat().every((value) => value > 0);
  const changes = new Map(
    [...blocks].map(([block, [value, from]]) => [block, positive ? Math.log(value / from) : value - from] as const),
  );
  const tested = pairs.length === 0 ? undefined : signedRankTest([...changes.values()]);
  return {
    metric,
    family: primaries.includes(metric) ? 'primary' : 'exploratory',
    base: base.estimates[metric],
    new: other.estimates[metric],
    difference:
      tested &&
      hodgesLehmann(
        pairs.map(([value, from]) => value - from),
        confidence,
      ),
    ratio: tested && positive ? hodgesLehmannRatio(pairs, confidence) : undefined,
    p: tested?.p ?? null,
    cliffsDelta: null,
    rankBiserial: tested === undefined ? null : rankBiserial(tested),
    changes,
  };
}

function adjust(all: readonly Measured[], seed: number, factor: string): ReadonlyMap<Measured, number> {
  const of = (family: Measured['family']): readonly Measured[] =>
    all.filter((one) => one.family === family && one.p !== null);
  const primary = of('primary');
  const blocks = [...new Set(primary.flatMap(({ changes }) => [...changes.keys()]))].toSorted((a, b) => a - b);
  const rows = primary.map(({ changes }) => blocks.map((block) => changes.get(block) ?? null));
  const joint = maxT(rows, seededStream(seed, 'max-t', factor)).adjusted;
  const exploratory = of('exploratory');
  const rates = benjaminiHochberg(exploratory.map(({ p }) => p as number));
  return new Map([
    ...primary.map((one, i) => [one, Math.max(joint[i] as number, one.p as number)] as const),
    ...exploratory.map((one, i) => [one, rates[i] as number] as const),
  ]);
}
