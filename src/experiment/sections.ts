import type { ExperimentFile } from './schema.ts';

/** The sections of a file that could be read; a rule that needs a section which could not is passed over. */
export type ReadSections = { readonly [K in keyof ExperimentFile]?: ExperimentFile[K] | undefined };

/** What a trial of a workload is. */
export type WorkloadKind = 'http' | 'batch' | 'idle';

/** The names of the workloads that are run. */
export function usedWorkloads({ matrix, workloads }: ReadSections): readonly string[] {
  return matrix?.workload ?? Object.keys(workloads ?? {});
}

/** What kind of work a workload of the file is. */
export function kindOfWorkload(workload: ExperimentFile['workloads'][string] | undefined): WorkloadKind | undefined {
  if (workload === undefined) return undefined;
  return workload.http !== undefined ? 'http' : workload.batch !== undefined ? 'batch' : 'idle';
}
