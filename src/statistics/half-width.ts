import type { Estimate } from './estimate.ts';

/** Half of the width of a ratio's interval, relative to the ratio: 0.05 for ± 5 %; null where it has none. */
export function relativeHalfWidth({ value, low, high }: Estimate): number | null {
  return low === null || high === null ? null : (high - low) / 2 / value;
}
