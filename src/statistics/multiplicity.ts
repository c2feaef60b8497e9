/**
 * p values adjusted so that at most one family in 1 ÷ α holds any false claim, however the tests depend on each other
 * (Holm, Scandinavian Journal of Statistics 6(2), 1979). In the order given; a claim is an adjusted p of at most α.
 */
export function holm(ps: readonly number[]): readonly number[] {
  assertProbabilities(ps);
  const adjusted = new Array<number>(ps.length).fill(0);
  let greatest = 0;
  ascending(ps).forEach((index, rank) => {
    greatest = Math.max(greatest, Math.min(1, (ps.length - rank) * (ps[index] as number)));
    adjusted[index] = greatest;
  });
  return adjusted;
}

/**
 * p values adjusted so that on average at most α of the claims are false (Benjamini and Hochberg, J. R. Stat. Soc. B
 * 57(1), 1995; for tests that are independent or depend positively). In the order given.
 */
export function benjaminiHochberg(ps: readonly number[]): readonly number[] {
  assertProbabilities(ps);
  const adjusted = new Array<number>(ps.length).fill(0);
  let least = 1;
  for (const [fromEnd, index] of ascending(ps).toReversed().entries()) {
    // The quotient first: it is exactly 1 for the greatest p, which is then not changed.
    least = Math.min(least, (ps[index] as number) * (ps.length / (ps.length - fromEnd)));
    adjusted[index] = least;
  }
  return adjusted;
}

function ascending(ps: readonly number[]): readonly number[] {
  return ps.map((_, i) => i).toSorted((a, b) => (ps[a] as number) - (ps[b] as number));
}

function assertProbabilities(ps: readonly number[]): void {
  const odd = ps.find((p) => !(p >= 0 && p <= 1));
  if (odd !== undefined) throw new RangeError(`a p value is between 0 and 1, not ${odd}`);
}
