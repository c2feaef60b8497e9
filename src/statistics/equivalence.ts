import { hodgesLehmann } from './hodges-lehmann.ts';
import { assertSample } from './least-n.ts';
import { signedRankTails } from './signed-rank.ts';

/** What may be said of paired differences beside a margin. */
export interface Equivalence {
  /**
   * `equivalent`: shown to lie within ± margin; `no-worse`: shown to lie below the margin; `worse`: shown to lie above
   * it; `not-shown`: none of these.
   */
  readonly verdict: 'equivalent' | 'no-worse' | 'worse' | 'not-shown';
  /** p of "the shift is at least the margin", and of "it is at most minus the margin"; each one-sided and exact. */
  readonly pNoWorse: number;
  readonly pNoBetter: number;
  /** The shift that the differences are shown to stay under, at 1 − alpha one-sided; null where n is too small. */
  readonly upperBound: number | null;
  readonly n: number;
}

/**
 * Two one-sided signed-rank tests of paired differences (new − base, where more is worse) against a declared margin
 * (Schuirmann, J. Pharmacokin. Biopharm. 15, 1987; with Wilcoxon's test in place of Student's): equivalence where both
 * reject at alpha, non-inferiority where the first does. The bound is the end of the Hodges–Lehmann interval of 1 − 2·alpha,
 * which says the same. What is not shown is not shown: it is never called a difference.
 */
export function equivalence(differences: readonly number[], margin: number, alpha: number): Equivalence {
  assertSample(differences);
  if (!(margin > 0)) throw new RangeError(`a margin is a positive number, not ${margin}`);
  if (!(alpha > 0 && alpha < 0.5)) throw new RangeError(`alpha is between 0 and 0.5, not ${alpha}`);
  const pNoWorse = signedRankTails(differences.map((difference) => difference - margin)).lower;
  const pNoBetter = signedRankTails(differences.map((difference) => difference + margin)).upper;
  const pWorse = signedRankTails(differences.map((difference) => difference - margin)).upper;
  const verdict =
    pNoWorse <= alpha ? (pNoBetter <= alpha ? 'equivalent' : 'no-worse') : pWorse <= alpha ? 'worse' : 'not-shown';
  return {
    verdict,
    pNoWorse,
    pNoBetter,
    upperBound: hodgesLehmann(differences, 1 - 2 * alpha).high,
    n: differences.length,
  };
}
