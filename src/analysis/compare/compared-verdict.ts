import type { MetricDefinition } from '../../metrics/metrics.ts';
import { verdictOf, type Rule } from '../inference/verdict.ts';
import type { ComparedMetric, ComparedVerdict } from './run-comparison.ts';

/**
 * What may be said of one metric in one cell, and why where the figures do not say it themselves: the verdict of any
 * contrast, with the margin as the smallest effect that matters.
 */
export function comparedVerdict(
  { base, new: other, difference, ratio, adjustedP }: Omit<ComparedMetric, 'verdict' | 'reason'>,
  better: MetricDefinition['better'],
  rule: Rule,
): { readonly verdict: ComparedVerdict; readonly reason: string | undefined } {
  if (difference === undefined || base === undefined || other === undefined) {
    return {
      verdict: 'not-comparable',
      reason: `no trial of the ${base === undefined ? 'base' : 'new run'} has a value`,
    };
  }
  const { claim } = verdictOf({ difference, ratio, adjustedP, from: base.value }, better, rule);
  switch (claim) {
    case 'none':
      return { verdict: 'not-comparable', reason: difference.warnings[0] };
    case 'not-shown':
      return { verdict: claim, reason: adjustedP === null ? 'all values of both runs are equal' : undefined };
    case 'may-be-chance':
      return { verdict: claim, reason: 'it may be chance, given the number of comparisons' };
    case 'smaller-than-matters':
      return { verdict: claim, reason: 'within the margin' };
    case 'better':
    case 'worse':
    case 'changed':
      return { verdict: claim, reason: undefined };
  }
}
