import type { Experiment } from '../experiment/experiment.ts';
import { METRIC_IDS, METRICS, type MetricId } from '../metrics/metrics.ts';

/** The smallest worsening that a gate may fail for, of each metric that it judges, as a share. */
export type GateFloors = ReadonlyMap<MetricId, number>;

/** Allocation hardly scatters and is caused by code alone, CPU scatters with the machine: what is tight and what is loose where the experiment does not say. */
const ALLOCATION = 0.01;
const BYTES = 0.02;
const OTHERS = 0.05;

/** What a gate judges: as the experiment says, else allocation per request and the primaries; never below `matters`. */
export function gateFloors({
  gate,
  primaries,
  matters = 0,
}: Pick<Experiment, 'gate' | 'primaries' | 'matters'>): GateFloors {
  const given = METRIC_IDS.flatMap((metric) => {
    const floor = gate?.[metric];
    return floor === undefined ? [] : [[metric, floor] as const];
  });
  const usual = [
    ['alloc.per_request', ALLOCATION] as const,
    ...primaries
      .filter((metric) => METRICS[metric].better !== 'neither')
      .map((metric) => [metric, METRICS[metric].unit === 'bytes' ? BYTES : OTHERS] as const),
  ];
  return new Map((given.length > 0 ? given : usual).map(([metric, floor]) => [metric, Math.max(floor, matters)]));
}

/** Whether a metric is one of the machine as much as of the daemon: without a canary nobody can tell which of them changed. */
export function isOfMachine(metric: MetricId): boolean {
  const { unit } = METRICS[metric];
  return unit === 'seconds' || unit === 'cores';
}
