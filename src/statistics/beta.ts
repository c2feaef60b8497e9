/** Lanczos' coefficients for g = 607/128 and 15 terms (Godfrey 2001): ln Γ to some 1e-15 for positive arguments. */
const LANCZOS = [
  0.9999999999999971, 57.15623566586292, -59.59796035547549, 14.136097974741746, -0.4919138160976202,
  3.399464998481189e-5, 4.652362892704858e-5, -9.837447530487956e-5, 0.0001580887032249125, -0.00021026444172410488,
  0.00021743961811521265, -0.0001643181065367639, 8.441822398385275e-5, -2.6190838401581408e-5, 3.6899182659531625e-6,
] as const;

/** ln Γ(x) for x > 0. */
export function logGamma(x: number): number {
  if (!(x > 0)) throw new RangeError(`ln Γ is defined for positive numbers, not ${x}`);
  let sum: number = LANCZOS[0];
  for (let i = 1; i < LANCZOS.length; i++) sum += (LANCZOS[i] as number) / (x + i - 1);
  const t = x + 607 / 128 - 0.5;
  return (x - 0.5) * Math.log(t) - t + Math.log(Math.sqrt(2 * Math.PI) * sum);
}

/**
 * The regularised incomplete beta function I_x(a, b): P(X ≤ x) of a beta distribution. The continued fraction of NIST's
 * Digital Library 8.17.22 by Lentz's method, on the side where it converges fast.
 */
export function betaCdf(x: number, a: number, b: number): number {
  assertParameters(a, b);
  return Number.isNaN(x) ? NaN : cdf(x, 1 - x, a, b);
}

/** A quantile and what is left to 1, each with all of its digits. */
export interface BetaQuantile {
  readonly x: number;
  readonly rest: number;
}

/** The x with P(X ≤ x) = p, to 1e-12. */
export function betaQuantile(p: number, a: number, b: number): BetaQuantile {
  assertParameters(a, b);
  if (!(p >= 0 && p <= 1)) throw new RangeError(`a probability is between 0 and 1, not ${p}`);
  if (p === 0 || p === 1) return { x: p, rest: 1 - p };
  // Whichever of x and 1 − x is the smaller is sought on the log scale: only there are there digits enough.
  if (cdf(0.5, 0.5, a, b) >= p) {
    const x = solved(p, a, b, (own) => cdf(own, 1 - own, a, b), 1);
    return { x, rest: 1 - x };
  }
  const rest = solved(p, b, a, (own) => cdf(1 - own, own, a, b), -1);
  return { x: 1 - rest, rest };
}

/**
 * The point under ½ at which a probability that rises (1) or falls (−1) with it is p: Newton's steps on the logarithms
 * of both, kept inside a bracket that each of them narrows. `a` is the exponent at the point's own end.
 */
function solved(p: number, a: number, b: number, probability: (x: number) => number, direction: 1 | -1): number {
  let [low, high] = [Math.log(Number.MIN_VALUE) + 1, Math.log(0.5)];
  // near 0 the distribution function is x^a ÷ (a·B(a, b))
  const share = direction === 1 ? p : 1 - p;
  let at = (Math.log(share) + Math.log(a) + logBeta(a, b)) / a;
  if (!(at > low && at < high)) at = (low + high) / 2;
  for (let step = 0; step < 300; step++) {
    const x = Math.exp(at);
    const value = probability(x);
    if (value < p === (direction === 1)) low = at;
    else high = at;
    // d ln P ÷ d ln x
    const slope = (direction * Math.exp(a * at + (b - 1) * Math.log1p(-x) - logBeta(a, b))) / value;
    const next = at - Math.log(value / p) / slope;
    const moved = next > low && next < high ? next : (low + high) / 2;
    if (Math.abs(moved - at) <= 1e-16 * Math.abs(at)) return Math.exp(moved);
    at = moved;
  }
  return Math.exp(at);
}

function assertParameters(a: number, b: number): void {
  if (!(a > 0 && b > 0)) throw new RangeError(`a beta distribution has positive parameters, not ${a} and ${b}`);
}

/** I_x(a, b), where `y` is 1 − x with all of its digits. */
function cdf(x: number, y: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (y <= 0) return 1;
  return x <= (a + 1) / (a + b + 2) ? fraction(x, y, a, b) : 1 - fraction(y, x, b, a);
}

function fraction(x: number, y: number, a: number, b: number): number {
  const front = Math.exp(a * logOf(x, y) + b * logOf(y, x) - logBeta(a, b)) / a;
  const tiny = 1e-300;
  const kept = (value: number): number => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / kept(1 - ((a + b) * x) / (a + 1));
  let product = d;
  for (let m = 1; m <= 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    for (const numerator of [even, odd]) {
      d = 1 / kept(1 + numerator * d);
      c = kept(1 + numerator / c);
      product *= c * d;
    }
    if (Math.abs(c * d - 1) < 1e-16) break;
  }
  return front * product;
}

/** ln of a number of which the rest to 1 is known too. */
function logOf(x: number, rest: number): number {
  return x > 0.5 ? Math.log1p(-rest) : Math.log(x);
}

/** ln B(a, b), also where the two differ by orders of magnitude (the difference of ln Γ by Stirling's series). */
function logBeta(a: number, b: number): number {
  const [small, great] = a < b ? [a, b] : [b, a];
  if (great < 10) return logGamma(small) + logGamma(great) - logGamma(small + great);
  const sum = small + great;
  const difference =
    small - small * Math.log(great) - (sum - 0.5) * Math.log1p(small / great) + stirling(great) - stirling(sum);
  return logGamma(small) + difference;
}

/** What Stirling's formula lacks to ln Γ(z), for z from 10 on. */
function stirling(z: number): number {
  const w = 1 / (z * z);
  return (1 / 12 - w * (1 / 360 - w * (1 / 1260 - w * (1 / 1680 - w * (1 / 1188 - (w * 691) / 360_360))))) / z;
}
