import { UserError, type Diagnostic } from '../errors.ts';
import type { Experiment, Gogc, Gomemlimit, Matrix } from '../experiment/experiment.ts';
import { runnerMisfit } from '../experiment/check/runner-misfit.ts';
import { FACTORS, goLevel, splitTerm } from '../experiment/plan/cell-selector.ts';
import { writeLevel } from '../experiment/plan/make-plan.ts';
import { nearest } from '../text/nearest.ts';

/** Flags that stand above the file. */
export interface Overrides {
  readonly runner: Experiment['runner'] | undefined;
  readonly seed: number | undefined;
  readonly blocks: number | undefined;
  readonly filter: readonly string[] | undefined;
}

/** The experiment with the flags' values in the place of the file's. Throws UserError for a filter that fits no level, and a runner that does not fit the target. */
export function overrideExperiment(experiment: Experiment, overrides: Overrides): Experiment {
  const simulated = experiment.target.source.kind === 'simulated';
  const misfit = runnerMisfit(simulated, overrides.runner ?? experiment.runner);
  if (misfit !== undefined) {
    const hint = simulated ? 'leave out --runner' : 'leave out --runner, or write a simulated target in the file';
    throw new UserError({ ...misfit, at: '--runner', hint });
  }
  return {
    ...experiment,
    runner: overrides.runner ?? experiment.runner,
    seed: overrides.seed ?? experiment.seed,
    ...(overrides.blocks === undefined ? {} : { blocks: overrides.blocks, adaptive: undefined }),
    matrix: filterMatrix(experiment, overrides.filter ?? []),
  };
}

/** Levels of one factor that are named add up; the baseline's own level stays, since every contrast is against it. */
function filterMatrix({ matrix, baseline }: Experiment, filters: readonly string[]): Matrix {
  const wanted = { gogc: [] as Gogc[], gomemlimit: [] as Gomemlimit[], workload: [] as string[] };
  const problems: Diagnostic[] = [];
  for (const filter of filters) {
    const problem = addFilter(filter, matrix, wanted);
    if (problem !== undefined) problems.push({ code: 'bad-filter', at: '--filter', ...problem });
  }
  if (problems.length > 0) throw new UserError(problems);
  const kept = <T>(levels: readonly T[], named: readonly T[], always: T | undefined): readonly T[] =>
    named.length === 0 ? levels : levels.filter((level) => named.includes(level) || level === always);
  return {
    gogc: kept(matrix.gogc, wanted.gogc, baseline.gogc),
    gomemlimit: kept(matrix.gomemlimit, wanted.gomemlimit, baseline.gomemlimit),
    workload: kept(matrix.workload, wanted.workload, undefined),
    // Who names levels has chosen.
    ...(matrix.auto === true && wanted.gogc.length === 0 ? { auto: true } : {}),
  };
}

function addFilter(
  filter: string,
  matrix: Matrix,
  wanted: { gogc: Gogc[]; gomemlimit: Gomemlimit[]; workload: string[] },
): { readonly message: string; readonly hint: string } | undefined {
  const { factor: name, level } = splitTerm(filter);
  const factor = FACTORS.find((candidate) => candidate === name);
  if (factor === undefined || !filter.includes('=')) {
    const meant = nearest(name, FACTORS);
    const hint = meant === undefined ? `write one of ${FACTORS.join(', ')}, e.g. gogc=25` : `did you mean ${meant}=…?`;
    return { message: `"${filter}" is not a factor with a level`, hint };
  }
  if (factor === 'workload') return addLevel(factor, level, level, matrix.workload, wanted.workload);
  return addLevel(factor, level, goLevel(factor, level), matrix[factor], wanted[factor]);
}

function addLevel<T extends string | number>(
  factor: (typeof FACTORS)[number],
  written: string,
  level: T | undefined,
  levels: readonly T[],
  wanted: T[],
): { message: string; hint: string } | undefined {
  if (level === undefined || !levels.includes(level)) {
    const shown = levels.map((one) => (factor === 'workload' ? String(one) : writeLevel(one as Gogc, factor)));
    return { message: `the file has no ${factor}=${written}`, hint: `it has ${shown.join(', ')}` };
  }
  wanted.push(level);
  return undefined;
}
