import type { ExperimentFile } from './schema/schema.ts';

/** The sections of a file that could be read; a rule that needs a section which could not is passed over. */
export type ReadSections = { readonly [K in keyof ExperimentFile]?: ExperimentFile[K] | undefined };

/** Whether the target is a model, or each of its versions is one. */
export function isSimulated(target: NonNullable<ReadSections['target']>): boolean {
  const all = target.versions === undefined ? [target] : Object.values(target.versions);
  return all.some(({ simulated }) => simulated !== undefined);
}

/** The names of the workloads that are run. */
export function usedWorkloads({ matrix, workloads }: ReadSections): readonly string[] {
  return matrix?.workload ?? Object.keys(workloads ?? {});
}
