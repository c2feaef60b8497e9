import type { MetricDefinition, MetricId } from '../experiment/metrics.ts';
import { METRIC_IDS } from '../experiment/metrics.ts';

/** Stand-in until the registry in src/experiment/metrics.ts has its definitions. */
export const METRICS = Object.fromEntries(
  METRIC_IDS.map((id) => [id, { id, label: id, unit: unitOf(id), better: 'lower', reducer: '', definition: id }]),
) as unknown as Readonly<Record<MetricId, MetricDefinition>>;

function unitOf(id: MetricId): MetricDefinition['unit'] {
  if (id === 'alloc.rate') return 'bytes-per-second';
  if (id.startsWith('memory') || id.startsWith('heap') || id.startsWith('alloc')) return 'bytes';
  if (id === 'gc.cycles') return 'count';
  if (id === 'cpu.used') return 'cores';
  return id.startsWith('gc.') && id !== 'gc.cpu_per_request' ? 'fraction' : 'seconds';
}
