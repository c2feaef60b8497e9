import { UserError, type Diagnostic } from '../errors.ts';
import type { Experiment, Matrix } from '../experiment/experiment.ts';
import { runnerMisfit } from '../experiment/check/runner-misfit.ts';
import { factorNames, sameWritten, splitTerm, writeLevel, writtenLevels } from '../experiment/plan/cell-selector.ts';
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
  const wanted = new Map<string, string[]>();
  const problems: Diagnostic[] = [];
  for (const filter of filters) {
    const problem = addFilter(filter, matrix, wanted);
    if (problem !== undefined) problems.push({ code: 'bad-filter', at: '--filter', ...problem });
  }
  if (problems.length > 0) throw new UserError(problems);
  const kept = <T>(factor: string, levels: readonly T[], write: (level: T) => string, always: T | undefined) => {
    const named = wanted.get(factor);
    return named === undefined ? levels : levels.filter((level) => named.includes(write(level)) || level === always);
  };
  const { gogc, gomemlimit, workload, factors, auto: _, ...rest } = matrix;
  return {
    ...rest,
    gogc: kept('gogc', gogc, (level) => writeLevel(level, 'gogc'), baseline.gogc),
    gomemlimit: kept('gomemlimit', gomemlimit, (level) => writeLevel(level, 'gomemlimit'), baseline.gomemlimit),
    workload: kept('workload', workload, String, undefined),
    ...(factors === undefined
      ? {}
      : {
          factors: factors.map((one) => ({ ...one, levels: kept(one.name, one.levels, String, one.baseline) })),
        }),
    // Who names levels has chosen.
    ...(matrix.auto === true && !wanted.has('gogc') ? { auto: true } : {}),
  };
}

function addFilter(
  filter: string,
  matrix: Matrix,
  wanted: Map<string, string[]>,
): { readonly message: string; readonly hint: string } | undefined {
  const { factor: name, level } = splitTerm(filter);
  const names = factorNames(matrix);
  if (!names.includes(name) || !filter.includes('=')) {
    const meant = nearest(name, names);
    const hint = meant === undefined ? `write one of ${names.join(', ')}, e.g. gogc=25` : `did you mean ${meant}=…?`;
    return { message: `"${filter}" is not a factor with a level`, hint };
  }
  const shown = writtenLevels(matrix, name);
  const found = shown.find((one) => sameWritten(name, one, level));
  if (found === undefined) return { message: `the file has no ${name}=${level}`, hint: `it has ${shown.join(', ')}` };
  wanted.set(name, [...(wanted.get(name) ?? []), found]);
  return undefined;
}
