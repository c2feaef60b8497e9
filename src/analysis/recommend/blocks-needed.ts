import type { Estimate } from '../../statistics/estimate.ts';
import { intervalShift, pairsNeeded } from '../../statistics/power.ts';

/** More blocks than this are no forecast but a way of saying no. */
const MOST = 10_000;
/**
 * A value nearer to the limit than this share of its interval's half is at the limit: the truth may as well lie on the
 * other side, so that no number of blocks is known to decide it. Farther off the forecast is at most some 30 times the
 * blocks there are.
 */
const NEAREST = 0.25;

/**
 * How many blocks in all it takes for an interval to lie on one side of a limit in 4 of 5 sweeps, where the value is the
 * truth and blocks scatter as they did: by the power of the signed-rank test at the confidence that is asked for, which
 * more blocks attain more nearly. Half the sweeps have a half-width under the shift that is found in half of them, which
 * tells the scatter. On the log scale for ratios. Null where that cannot be said: no interval, or a value at the limit.
 */
export function blocksNeeded(
  estimate: Estimate,
  limit: number,
  scale: 'linear' | 'log',
  asked?: number,
): number | null {
  const { value, low, high, confidence, n } = estimate;
  if (low === null || high === null || confidence === null) return null;
  const at = (x: number): number => (scale === 'log' ? Math.log(x) : x);
  const gap = Math.abs(at(limit) - at(value));
  const half = value <= limit ? at(high) - at(value) : at(value) - at(low);
  if (half <= gap) return n;
  if (gap < NEAREST * half) return null;
  const typical = intervalShift(n, confidence, 0.5);
  if (typical === undefined) return null;
  const needed = pairsNeeded((gap * typical) / half, asked ?? confidence, MOST);
  return needed === undefined ? null : Math.max(n + 1, needed);
}

/** How the blocks that are still needed are told; left out where only the answer is asked for. */
export type Forecast = typeof blocksNeeded;
