import type { MetricUnit, UnitScale } from '../units/format-units.ts';
import { commonScale } from '../units/format-units.ts';
import type { Estimate } from '../statistics/estimate.ts';

/** Under a tenth of a per cent, decimals are noise. */
const LEAST_FRACTION = 0.001;

/**
 * One prefix and number of decimals for a column. The largest value chooses the prefix; a column whose middle value is
 * below 100 has a decimal even where its largest would need none. Fractions that are levels keep two figures of the
 * smallest (0.56 % beside 8.90 %), because what GC costs is read as a multiple.
 */
export function columnScale(
  estimates: readonly Pick<Estimate, 'value'>[],
  unit: MetricUnit,
  kind: 'level' | 'difference' | 'saving' = 'level',
): UnitScale {
  const sizes = estimates.map(({ value }) => Math.abs(value)).toSorted((a, b) => a - b);
  if (unit === 'fraction') {
    const telling = kind === 'level' ? sizes.find((value) => value > 0) : sizes.at(-1);
    const scale = commonScale([Math.max(telling ?? 0, LEAST_FRACTION)], unit);
    return scale.decimals === 0 ? commonScale([0.1], unit) : scale;
  }
  const scale = commonScale(sizes, unit);
  const middle = sizes[Math.floor(sizes.length / 2)] ?? 0;
  const coarse = scale.decimals === 0 && unit !== 'count' && scale.divisor !== 1 && middle < 100 * scale.divisor;
  return coarse ? commonScale([10 * scale.divisor], unit) : scale;
}
