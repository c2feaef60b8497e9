import type { MetricUnit, UnitScale } from '../experiment/format-units.ts';
import { commonScale } from '../experiment/format-units.ts';
import type { Estimate } from '../statistics/estimate.ts';

/**
 * One prefix and number of decimals for a column. Fractions that are levels keep two figures of the smallest (0.56 %
 * beside 8.90 %), because what GC costs is read as a multiple.
 */
export function columnScale(
  estimates: readonly Estimate[],
  unit: MetricUnit,
  kind: 'level' | 'difference' | 'saving' = 'level',
): UnitScale {
  const values = estimates.map(({ value }) => value);
  if (unit !== 'fraction' || kind !== 'level') return commonScale(values, unit);
  const least = Math.min(...values.map(Math.abs).filter((value) => value > 0));
  return commonScale([Number.isFinite(least) ? Math.max(least, LEAST_FRACTION) : 0], unit);
}

/** Under a tenth of a per cent, decimals are noise. */
const LEAST_FRACTION = 0.001;
