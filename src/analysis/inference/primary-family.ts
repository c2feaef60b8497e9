import type { Contrast, WorkloadAnalysis } from '../analysis.ts';

/** The primary contrasts of a run that are tested: together they are one family. */
export function primaryFamily(workloads: readonly Pick<WorkloadAnalysis, 'contrasts'>[]): readonly Contrast[] {
  return workloads.flatMap(({ contrasts }) => contrasts.filter(({ family, p }) => family === 'primary' && p !== null));
}
