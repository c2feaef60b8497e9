import type { Estimate } from '../../statistics/estimate.ts';
import { intervalShift, pairsNeeded } from '../../statistics/power.ts';

/** More blocks than this are no forecast but a way of saying no. */
const MOST = 10_000;

/**
 * How many blocks in all it takes for an interval to lie on one side of a limit in 4 of 5 sweeps, where the value is the
 * truth and blocks scatter as they did: by the power of the signed-rank interval at the confidence that was `asked` for: the few
 * blocks of a short run have more of it than a longer run will. Half the sweeps have a half-width under the shift that is
 * found in half of them at the confidence that this interval has, which tells the scatter. On the log scale for ratios. Null where that cannot be said: no interval, a value at the limit, or more than 10,000.
 */
export function blocksNeeded(
  estimate: Estimate,
  limit: number,
  scale: 'linear' | 'log',
  asked = estimate.confidence,
): number | null {
  const { value, low, high, confidence, n } = estimate;
  if (low === null || high === null || confidence === null || asked === null) return null;
  const at = (x: number): number => (scale === 'log' ? Math.log(x) : x);
  const gap = Math.abs(at(limit) - at(value));
  const half = value <= limit ? at(high) - at(value) : at(value) - at(low);
  if (half <= gap) return n;
  const typical = intervalShift(n, confidence, 0.5);
  if (typical === undefined) return null;
  const needed = pairsNeeded((gap * typical) / half, asked, MOST);
  return needed === undefined ? null : Math.max(n + 1, needed);
}
