import { METRIC_ENTRIES, type MetricId } from '../metrics/metrics.ts';
import type { ExperimentFile } from './schema/schema.ts';

/** The sections of a file that could be read; a rule that needs a section which could not is passed over. */
export type ReadSections = { readonly [K in keyof ExperimentFile]?: ExperimentFile[K] | undefined };

/** What a trial of a workload is. */
export type WorkloadKind = 'http' | 'kubo' | 'batch' | 'idle';

/** The kinds that send requests, each with a latency, from a process of their own. */
export const REQUEST_KINDS: readonly WorkloadKind[] = ['http', 'kubo'];

/** The kinds of work that a metric can be known of. */
export function kindsWith(id: MetricId): readonly WorkloadKind[] {
  const { work } = METRIC_ENTRIES[id];
  return [
    ...(work === undefined || work.includes('request') ? REQUEST_KINDS : []),
    ...(work === undefined || work.includes('run') ? (['batch'] as const) : []),
    ...(work === undefined ? (['idle'] as const) : []),
  ];
}

/** The names of the workloads that are run. */
export function usedWorkloads({ matrix, workloads }: ReadSections): readonly string[] {
  return matrix?.workload ?? Object.keys(workloads ?? {});
}

/** What kind of work a workload of the file is. */
export function kindOfWorkload(workload: ExperimentFile['workloads'][string] | undefined): WorkloadKind | undefined {
  if (workload === undefined) return undefined;
  return (['http', 'kubo', 'batch'] as const).find((kind) => workload[kind] !== undefined) ?? 'idle';
}
