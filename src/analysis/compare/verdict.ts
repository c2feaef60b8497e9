import { satisfies } from '../../statistics/least-n.ts';
import type { MetricDefinition } from '../../experiment/metrics.ts';
import { sideOf } from '../noise-floor.ts';
import type { ComparedMetric, Verdict } from './run-comparison.ts';

/**
 * What may be said of one metric in one cell. A change is claimed only where all hold: the interval excludes zero, the
 * adjusted p allows it, and its size exceeds both what either run shows with no change at all and the margin.
 */
export function verdictOf(
  { base, new: other, difference, adjustedP, floor }: Omit<ComparedMetric, 'verdict' | 'reason'>,
  better: MetricDefinition['better'],
  confidence: number,
  margin: number,
): { readonly verdict: Verdict; readonly reason: string | undefined } {
  if (difference === undefined || base === undefined || other === undefined) {
    return {
      verdict: 'not-comparable',
      reason: `no trial of the ${base === undefined ? 'base' : 'new run'} has a figure`,
    };
  }
  const side = sideOf(difference, 0);
  if (side === 'unknown') return { verdict: 'not-comparable', reason: difference.warnings[0] };
  if (adjustedP === null) return { verdict: 'not-shown', reason: 'all values of both runs are equal' };
  if (side === 'includes') return { verdict: 'not-shown', reason: undefined };
  const size = Math.abs(difference.value);
  if (floor !== null && size <= floor) {
    return { verdict: 'within-noise', reason: 'no more than the same setting run twice differs' };
  }
  if (size <= margin * Math.abs(base.value)) return { verdict: 'within-noise', reason: 'no more than the margin' };
  if (!satisfies(1 - adjustedP, confidence)) {
    return { verdict: 'not-shown', reason: 'with so many comparisons it may be chance' };
  }
  if (better === 'neither') return { verdict: 'changed', reason: undefined };
  return { verdict: (side === 'below') === (better === 'lower') ? 'better' : 'worse', reason: undefined };
}
