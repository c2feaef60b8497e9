import { betaCdf, betaQuantile } from './beta.ts';

/** P(T ≤ t) of Student's t with so many degrees of freedom, by the incomplete beta function (Abramowitz and Stegun 26.7.1). */
export function studentCdf(t: number, degrees: number): number {
  if (Number.isNaN(t)) return NaN;
  const square = t * t;
  // Near the middle the way from it is what has the digits, farther out the tail.
  if (square < 1) return 0.5 + (Math.sign(t) * betaCdf(square / (degrees + square), 0.5, degrees / 2)) / 2;
  const tail = betaCdf(degrees / (degrees + square), degrees / 2, 0.5) / 2;
  return t < 0 ? tail : 1 - tail;
}

/** The t with P(T ≤ t) = p; −∞ at 0 and ∞ at 1. */
export function studentQuantile(p: number, degrees: number): number {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`a probability is between 0 and 1, not ${p}`);
  if (p === 0.5) return 0;
  const tail = Math.min(p, 1 - p);
  if (tail === 0) return p === 0 ? -Infinity : Infinity;
  // Near the middle the way from it is what has the digits, farther out the tail.
  const { x, rest } =
    tail > 0.25 ? betaQuantile(1 - 2 * tail, 0.5, degrees / 2) : betaQuantile(2 * tail, degrees / 2, 0.5);
  const t = Math.sqrt(tail > 0.25 ? (degrees * x) / rest : (degrees * rest) / x);
  return p < 0.5 ? -t : t;
}
