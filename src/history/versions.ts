import type { Experiment, Levels } from '../experiment/experiment.ts';
import { varyingFactors } from '../experiment/factors.ts';

/** The factor `version`, where it varies. */
export function versionFactor(matrix: Experiment['matrix']): ReturnType<typeof varyingFactors>[number] | undefined {
  return varyingFactors(matrix).find(({ name }) => name === 'version');
}

/** The level of `version` that others are held to within a run: the baseline one, unless it is the canary. */
export function baselineVersion({ matrix, canary }: Pick<Experiment, 'matrix' | 'canary'>): string | undefined {
  const factor = versionFactor(matrix);
  const others = factor?.levels.filter((level) => level !== canary) ?? [];
  return factor !== undefined && factor.baseline !== canary && others.length > 1 ? factor.baseline : undefined;
}

/** Whether a cell ran this version. */
export function isOfVersion({ factors }: Pick<Levels, 'factors'>, version: string | undefined): boolean {
  return version !== undefined && factors?.['version'] === version;
}

/** Whether a cell is of the daemon that is judged: neither the canary nor the baseline version. */
export function isJudged(levels: Levels, experiment: Pick<Experiment, 'matrix' | 'canary'>): boolean {
  return !isOfVersion(levels, experiment.canary) && !isOfVersion(levels, baselineVersion(experiment));
}
