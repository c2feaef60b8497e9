const SQRT_2PI = Math.sqrt(2 * Math.PI);

/** Density of the standard normal distribution. */
export function normalDensity(x: number): number {
  return Math.exp(-0.5 * x * x) / SQRT_2PI;
}

/**
 * P(Z ≤ x) of the standard normal distribution, to a relative error of about 1e-13 in both tails.
 * Near the middle Marsaglia's series (J. Stat. Soft. 11(4), 2004), in the tails the continued fraction
 * of Mills' ratio (Abramowitz and Stegun 26.2.14). simple-statistics has only a table of it.
 */
export function normalCdf(x: number): number {
  return below(x, normalDensity(x));
}

/** P(Z ≤ x) by the density at x, which whoever divides by it has already. */
function below(x: number, density: number): number {
  if (Number.isNaN(x)) return NaN;
  if (Math.abs(x) < 3) return 0.5 + density * oddSeries(x);
  const tail = Math.abs(x) > 40 ? 0 : density / millsFraction(Math.abs(x));
  return x < 0 ? tail : 1 - tail;
}

/**
 * The x with P(Z ≤ x) = p; −∞ at 0 and ∞ at 1. Starts at Abramowitz and Stegun 26.2.23 (error under 4.5e-4)
 * and takes Halley steps, each of which triples the number of right digits.
 */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`a probability is between 0 and 1, not ${p}`);
  if (p === 0) return -Infinity;
  if (p === 1) return Infinity;
  if (p > 0.5) return -lowerQuantile(1 - p);
  return lowerQuantile(p);
}

function lowerQuantile(p: number): number {
  const t = Math.sqrt(-2 * Math.log(p));
  let x = (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t;
  for (let step = 0; step < 3; step++) {
    const density = normalDensity(x);
    const error = (below(x, density) - p) / density;
    if (!Number.isFinite(error)) break;
    x -= error / (1 + (x * error) / 2);
  }
  return x;
}

/** x + x³/3 + x⁵/(3·5) + …, which times the density is P(0 < Z ≤ x). */
function oddSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let divisor = 3; Math.abs(term) > 1e-17 * Math.abs(sum); divisor += 2) {
    term *= (x * x) / divisor;
    sum += term;
  }
  return sum;
}

/** x + 1/(x + 2/(x + 3/(x + …))) from the inside out; 120 levels give full precision from x = 3 on. */
function millsFraction(x: number): number {
  let fraction = x;
  for (let level = 120; level >= 1; level--) fraction = x + level / fraction;
  return fraction;
}
