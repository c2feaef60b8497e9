import type { Estimate } from '../../statistics/estimate.ts';

/** More blocks than this are no forecast but a way of saying no. */
const MOST = 10_000;

/**
 * How many blocks in all an interval would need to lie on one side of a limit, where the value stays as it is and the
 * half-width falls as 1/√n: n · (half-width towards the limit ÷ distance to the limit)². On the log scale for ratios.
 * Null where that cannot be said: no interval, a value at the limit, or more than 10,000.
 */
export function blocksNeeded(estimate: Estimate, limit: number, scale: 'linear' | 'log'): number | null {
  const { value, low, high, n } = estimate;
  if (low === null || high === null) return null;
  const at = (x: number): number => (scale === 'log' ? Math.log(x) : x);
  const gap = Math.abs(at(limit) - at(value));
  const half = value <= limit ? at(high) - at(value) : at(value) - at(low);
  if (half <= gap) return n;
  const needed = Math.ceil(n * (half / gap) ** 2);
  return Number.isFinite(needed) && needed <= MOST ? Math.max(n + 1, needed) : null;
}
