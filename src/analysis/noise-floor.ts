import type { MetricId } from '../experiment/metrics.ts';
import type { Estimate } from '../statistics/estimate.ts';
import type { Contrast } from './analysis.ts';

/** Where an interval lies to the value of "no difference". */
export type Side = 'below' | 'above' | 'includes' | 'unknown';

/** Whether an interval excludes the value of "no difference": 0 of a difference, 1 of a ratio. */
export function sideOf(estimate: Estimate, none: 0 | 1): Side {
  if (estimate.low === null || estimate.high === null) return 'unknown';
  return estimate.high < none ? 'below' : estimate.low > none ? 'above' : 'includes';
}

/**
 * The difference that this machine shows with no change at all: the farther end of the A/A contrast's interval, in the
 * metric's unit. Undefined where there is no A/A contrast or it has no interval.
 */
export function noiseFloor(contrasts: readonly Contrast[], metric: MetricId): number | undefined {
  const difference = contrasts.find((contrast) => contrast.kind === 'a-a' && contrast.metric === metric)?.difference;
  return difference && fartherEnd(difference, 0);
}

/** How far the farther end of an interval lies from the value of "no difference"; undefined where it has none. */
export function fartherEnd({ low, high }: Estimate, none: 0 | 1): number | undefined {
  return low === null || high === null ? undefined : Math.max(Math.abs(low - none), Math.abs(high - none));
}

/** Whether a contrast is no greater than what no change at all shows. False where the floor is not known. */
export function withinNoise(contrasts: readonly Contrast[], contrast: Contrast): boolean {
  const floor = noiseFloor(contrasts, contrast.metric);
  return floor !== undefined && Math.abs(contrast.difference.value) <= floor;
}
