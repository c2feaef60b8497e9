import { z } from 'zod';
import { METRIC_ENTRIES, type MetricId } from '../../metrics/metrics.ts';
import { exactlyOne, type Frozen } from '../schema/parts.ts';
import { storedAs, storedForm } from '../schema/stored.ts';
import { BATCH } from './batch.ts';
import { COMMAND, type CommandWorkload } from './command.ts';
import { HTTP } from './http.ts';
import { IDLE } from './idle.ts';
import type { KindOfWorkload } from './kind.ts';
import { KUBO } from './kubo.ts';
import { REPLAY } from './replay.ts';

/** Every kind of workload, by its key in a file. What makes the requests of one has a row in src/workload/load-source.ts. */
const KINDS = { http: HTTP, replay: REPLAY, kubo: KUBO, command: COMMAND, batch: BATCH, idle: IDLE } as const;

type Kinds = typeof KINDS;
type Schemas = { readonly [K in WorkloadKind]: Kinds[K]['schema'] };
type SpecOf<K extends WorkloadKind> = Frozen<NonNullable<z.output<Schemas[K]>>>;

/** What a trial of a workload is. */
export type WorkloadKind = keyof Kinds;
/** A kind whose requests gctune's own generator sends. */
export type RequestKind = Exclude<
  { [K in WorkloadKind]: Kinds[K]['unit'] extends 'request' ? K : never }[WorkloadKind],
  'command'
>;
/** What the target is made to do. */
export type WorkloadSpec = SpecOf<WorkloadKind>;
/** A workload whose requests gctune's own generator sends. */
export type RequestWorkload = SpecOf<RequestKind>;

/** All of them. */
export const WORKLOAD_KINDS = Object.keys(KINDS) as readonly WorkloadKind[];

/** All that is known of a kind of workload. */
export function factsOfKind(kind: WorkloadKind): KindOfWorkload<WorkloadSpec> {
  // Whoever has a workload of a kind hands over that one: TypeScript cannot see that the two belong together.
  return KINDS[kind] as unknown as KindOfWorkload<WorkloadSpec>;
}

/** Whether a workload sends requests, by gctune's own generator or by a program of the user's. */
export function sendsRequests(spec: WorkloadSpec | undefined): spec is RequestWorkload | CommandWorkload {
  return spec !== undefined && factsOfKind(spec.kind).unit === 'request';
}

/** Whether a workload is a command that runs to its end. */
export function runsToItsEnd(spec: WorkloadSpec | undefined): boolean {
  return spec !== undefined && factsOfKind(spec.kind).unit === 'run';
}

/** Whether settings can be compared in a metric under a workload: in a closed loop each of them does another amount of work in a second. */
export function isCompared(id: MetricId, spec: WorkloadSpec | undefined): boolean {
  return !(spec?.kind === 'command' && spec.loop === 'closed' && METRIC_ENTRIES[id].perTime === true);
}

/** The kinds of work that a metric can be known of. */
export function kindsWith(id: MetricId): readonly WorkloadKind[] {
  const work: readonly string[] | undefined = METRIC_ENTRIES[id].work;
  return WORKLOAD_KINDS.filter((kind) => work === undefined || work.includes(KINDS[kind].unit));
}

const schemas = Object.fromEntries(WORKLOAD_KINDS.map((kind) => [kind, KINDS[kind].schema])) as Schemas;

/** One of `workloads`: what the target is made to do. */
export const workloadSchema = storedAs(
  exactlyOne(WORKLOAD_KINDS, schemas).transform(
    (given) => WORKLOAD_KINDS.map((kind) => given[kind]).find((spec) => spec !== undefined) as WorkloadSpec,
  ),
  z.union(WORKLOAD_KINDS.map((kind) => storedForm(schemas[kind].unwrap() as z.ZodType<WorkloadSpec>))),
);
