import { ALLOC } from './alloc.ts';
import { BATCH } from './batch.ts';
import { CPU } from './cpu.ts';
import { GC } from './gc.ts';
import { HEAP } from './heap.ts';
import { LATENCY } from './latency.ts';
import { MEMORY } from './memory.ts';
import type { Axis, MetricEntry } from './metric-entry.ts';

const ENTRIES = { ...MEMORY, ...HEAP, ...GC, ...CPU, ...ALLOC, ...LATENCY, ...BATCH };

/** The id of a metric. */
export type MetricId = keyof typeof ENTRIES;
/** Every metric there is, in the order of tables. */
export const METRIC_IDS = Object.keys(ENTRIES) as readonly MetricId[];

/** The registry: everything that is known of each metric. */
export const METRIC_ENTRIES: Readonly<Record<MetricId, MetricEntry>> = ENTRIES;

/** How a metric is read and judged: what an analysis says of it. */
export interface MetricDefinition extends Pick<MetricEntry, 'label' | 'unit' | 'better' | 'reducer' | 'definition'> {
  readonly id: MetricId;
}

/** The definition of each metric. */
export const METRICS = Object.fromEntries(METRIC_IDS.map((id) => [id, definitionOf(id)])) as Readonly<
  Record<MetricId, MetricDefinition>
>;

function definitionOf(id: MetricId): MetricDefinition {
  const { label, unit, better, reducer, definition } = METRIC_ENTRIES[id];
  return { id, label, unit, better, reducer, definition };
}

/** Which way a metric is better between two cells, which may run different programs. */
export function betterBetween(id: MetricId, programsDiffer: boolean): MetricEntry['better'] {
  const { better, betweenPrograms } = METRIC_ENTRIES[id];
  return programsDiffer ? (betweenPrograms ?? better) : better;
}

/** The metrics that have a rank, the least first. */
export function rankedBy(rankOf: (entry: MetricEntry) => number | undefined): readonly MetricId[] {
  const rank = (id: MetricId): number => rankOf(METRIC_ENTRIES[id]) ?? Infinity;
  return METRIC_IDS.filter((id) => rank(id) < Infinity).toSorted((a, b) => rank(a) - rank(b));
}

/** The metrics in which memory, its cost or latency can be counted, best first. */
export function axisMetrics(of: Axis): readonly MetricId[] {
  return rankedBy(({ axis }) => (axis?.of === of ? axis.rank : undefined));
}
