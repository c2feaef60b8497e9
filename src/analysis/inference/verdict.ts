import type { MetricDefinition } from '../../metrics/metrics.ts';
import type { Estimate } from '../../statistics/estimate.ts';
import { satisfies } from '../../statistics/least-n.ts';

/** Where an interval lies to a value: as a whole below or above it, or around it; `unknown` where there is no interval. */
export type Side = 'below' | 'above' | 'includes' | 'unknown';

/**
 * What may be said of a contrast. `changed`: shown, of a metric of which neither more nor less is better, or of a
 * setting run twice. `not-shown`: its interval includes "no difference", which is not to say that there is none.
 * `may-be-chance`: its interval does not, but among so many comparisons that happens by chance.
 * `smaller-than-matters`: shown, and no greater than the smallest effect of interest. `none`: it has no interval.
 */
export type Claim = 'better' | 'worse' | 'changed' | 'not-shown' | 'may-be-chance' | 'smaller-than-matters' | 'none';

/** How a contrast is judged: once, here; whatever speaks of it reads it from there. */
export interface Verdict {
  /** What is judged, and so what is printed of it: the ratio, wherever there is one. */
  readonly of: 'ratio' | 'difference';
  /** Where its interval lies to "no difference". */
  readonly side: Side;
  readonly claim: Claim;
}

/** A contrast as far as it is judged. */
export interface Judged {
  readonly difference: Estimate;
  readonly ratio: Estimate | undefined;
  /** p adjusted for its family; null where it asks nothing, or where nothing differs at all. */
  readonly adjustedP: number | null;
  /** The level that a share is of, where there is no ratio; undefined where it is not known. */
  readonly from: number | undefined;
}

/** What is demanded of a claim. */
export interface Rule {
  readonly confidence: number;
  /** The smallest effect of interest as a share of the baseline: no more than that is not worth naming; 0: however small. */
  readonly matters: number;
}

/**
 * Judges a contrast. Claimed is what all hold of: the interval excludes "no difference", the p of its family allows it,
 * and the estimate exceeds the smallest effect of interest. A ratio is judged by its own interval, which is that of the
 * logarithms, and its size is the per cent that is printed.
 */
export function verdictOf(judged: Judged, better: MetricDefinition['better'], rule: Rule): Verdict {
  const { ratio, difference, adjustedP } = judged;
  const of = ratio === undefined ? 'difference' : 'ratio';
  const side = ratio === undefined ? sideOf(difference, 0) : sideOf(ratio, 1);
  const as = (claim: Claim): Verdict => ({ of, side, claim });
  if (side === 'unknown') return as('none');
  if (side === 'includes') return as('not-shown');
  if (adjustedP !== null && !satisfies(1 - adjustedP, rule.confidence)) return as('may-be-chance');
  if (!exceeds(judged, rule.matters)) return as('smaller-than-matters');
  if (better === 'neither') return as('changed');
  return as((side === 'below') === (better === 'lower') ? 'better' : 'worse');
}

/** Where an interval lies to a value: 0 of a difference, 1 of a ratio, or a bound. An end at the value includes it. */
export function sideOf({ low, high }: Estimate, value: number): Side {
  if (low === null || high === null) return 'unknown';
  return high < value ? 'below' : low > value ? 'above' : 'includes';
}

/** Rounding slack: a ratio of 1.02 is a change of 2 %, and no more than that. */
const SLACK = 1e-12;

function exceeds({ ratio, difference, from }: Judged, matters: number): boolean {
  if (matters === 0) return true;
  if (ratio !== undefined) return Math.abs(ratio.value - 1) > matters + SLACK;
  return from === undefined || Math.abs(difference.value) > matters * Math.abs(from) * (1 + SLACK);
}
