import type { ExperimentFile } from './schema/schema.ts';

/** The sections of a file that could be read; a rule that needs a section which could not is passed over. */
export type ReadSections = { readonly [K in keyof ExperimentFile]?: ExperimentFile[K] | undefined };

/** The names of the workloads that are run. */
export function usedWorkloads({ matrix, workloads }: ReadSections): readonly string[] {
  return matrix?.workload ?? Object.keys(workloads ?? {});
}
