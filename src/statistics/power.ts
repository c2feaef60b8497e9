import { quantileSorted, quickselect } from './descriptive.ts';
import { gaussian } from './gaussian.ts';
import { walshRank } from './hodges-lehmann.ts';
import { seededStream } from './random.ts';
import { studentQuantile } from './student.ts';

/** The share of sweeps in which an effect is to be found for it to count as detectable. */
export const POWER = 0.8;
/** Simulated sweeps for each n: a detectable shift is then known to about 0.5 %. */
const SWEEPS = 10_000;
/** Beyond so many pairs the large-sample formula is as near as the simulation. */
const MOST_SIMULATED = 60;
/** Variance of the signed-rank estimate of normal values ÷ that of their mean, for large n (Lehmann 1998, §4.3). */
const NORMAL_INEFFICIENCY = Math.PI / 3;

const simulated = new Map<string, Float64Array>();

/**
 * The shift that the exact two-sided signed-rank test of n pairs finds in this share of sweeps, in standard deviations of a
 * pair's difference; one test by itself, differences normal and independent. Undefined where n pairs cannot show anything.
 * The test claims a shift where the interval of Walsh averages lies beyond zero: so of each simulated sweep its lower end
 * tells how far it would have to be shifted, and the answer is a quantile of that. For large n Student's quantiles with
 * the efficiency of the test stand for it.
 */
export function detectableShift(n: number, confidence: number, power = POWER): number | undefined {
  const rank = walshRank(Math.min(n, MOST_SIMULATED), confidence);
  if (rank === undefined) return undefined;
  if (n > MOST_SIMULATED) {
    const quantiles = studentQuantile(1 - (1 - confidence) / 2, n - 1) + studentQuantile(power, n - 1);
    return quantiles * Math.sqrt(NORMAL_INEFFICIENCY / n);
  }
  const key = `${n}/${rank.k}`;
  const needed = simulated.get(key) ?? shiftsNeeded(n, rank.k);
  simulated.set(key, needed);
  return quantileSorted(needed, power);
}

/**
 * The least number of pairs, up to `most`, with which the signed-rank test finds a shift of so many standard deviations in
 * this share of sweeps; undefined where even those are too few.
 */
export function pairsNeeded(shift: number, confidence: number, most: number, power = POWER): number | undefined {
  const enough = (n: number): boolean => (detectableShift(n, confidence, power) ?? Infinity) <= shift;
  if (!enough(most)) return undefined;
  let [few, many] = [0, most];
  while (many - few > 1) {
    const middle = Math.floor((few + many) / 2);
    if (enough(middle)) many = middle;
    else few = middle;
  }
  return many;
}

/** How far each of the simulated sweeps would have to be shifted for its k-th Walsh average to lie at zero; ascending. */
function shiftsNeeded(n: number, k: number): Float64Array {
  const stream = seededStream(0, 'power', n);
  const differences = new Float64Array(n);
  const walsh = new Float64Array((n * (n + 1)) / 2);
  const needed = new Float64Array(SWEEPS);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (let i = 0; i < n; i++) differences[i] = gaussian(stream);
    let at = 0;
    for (let i = 0; i < n; i++) {
      for (let j = i; j < n; j++) walsh[at++] = ((differences[i] as number) + (differences[j] as number)) / 2;
    }
    quickselect(walsh, k - 1);
    needed[sweep] = -(walsh[k - 1] as number);
  }
  return needed.sort();
}
