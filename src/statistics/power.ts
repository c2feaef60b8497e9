import { quantileSorted, quickselect } from './descriptive.ts';
import { gaussian } from './gaussian.ts';
import { walshRank } from './hodges-lehmann.ts';
import { FINDING_SHIFTS, INTERVAL_SHIFTS, TABLE_CONFIDENCE, TABLE_FIRST } from './power-tables.ts';
import type { RandomStream } from './random.ts';
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

/** Sweeps of a whole family: the power at a detectable shift is then known to about 1 point. */
const FAMILY_SWEEPS = 2_500;
/** Estimates of the scatter that each of them is held against. */
const SCATTERS = 8;
/** Up to so many assignments of signs are all looked at; of more pairs fewer draws, of which 5 % are a whole number. */
const MOST_ASSIGNMENTS = 512;
const DRAWN_ASSIGNMENTS = 400;
/** Beyond so many pairs a finding's shift falls as that of the interval. */
const MOST_FAMILY = 40;
const ROUNDING = 1e-12;

/** How far each simulated sweep would have to be shifted to have a finding; ascending. */
interface FindingShifts {
  /** In true standard deviations of a pair. */
  readonly known: Float64Array;
  /** In those that as many pairs of another sweep estimate. */
  readonly estimated: Float64Array;
  /** What the interval alone takes of the same sweeps, in true standard deviations. */
  readonly interval: Float64Array;
}

const findings = new Map<string, FindingShifts>();

/**
 * The shift that the signed-rank interval of n pairs tells from zero in this share of sweeps, in true standard deviations of a
 * pair's difference; one contrast by itself, differences normal and independent. Undefined where n pairs cannot show anything.
 * Of each simulated sweep its lower end
 * tells how far it would have to be shifted, and the answer is a quantile of that. For large n Student's quantiles with
 * the efficiency of the test stand for it.
 */
export function intervalShift(n: number, confidence: number, power = POWER): number | undefined {
  const rank = walshRank(Math.min(n, MOST_SIMULATED), confidence);
  if (rank === undefined) return undefined;
  const tabled = confidence === TABLE_CONFIDENCE ? INTERVAL_SHIFTS.get(power)?.[n - TABLE_FIRST] : undefined;
  if (tabled !== undefined) return tabled;
  if (n > MOST_SIMULATED) {
    const quantiles = studentQuantile(1 - (1 - confidence) / 2, n - 1) + studentQuantile(power, n - 1);
    return quantiles * Math.sqrt(NORMAL_INEFFICIENCY / n);
  }
  return simulatedShift(n, rank.k, power);
}

/** The shift that lifts the k-th Walsh average above zero in this share of simulated sweeps of n pairs. */
export function simulatedShift(n: number, k: number, power: number): number {
  const key = `${n}/${k}`;
  const needed = simulated.get(key) ?? shiftsNeeded(n, k);
  simulated.set(key, needed);
  return quantileSorted(needed, power);
}

/**
 * The shift that is a finding in this share of sweeps of n blocks: its own signed-rank interval excludes zero, and step-down
 * max-T allows it in a family of so many comparisons, which share their baseline and of which the others show nothing. In
 * standard deviations of a pair as n A/A pairs estimate them, so that what is told from the scatter of one sweep holds on
 * average over sweeps; or in `known` ones, for a scatter that is only supposed. Undefined where n blocks cannot have a
 * finding however great it is.
 */
export function detectableShift(
  n: number,
  confidence: number,
  power = POWER,
  comparisons = 1,
  scatter: 'estimated' | 'known' = 'estimated',
): number | undefined {
  const few = Math.min(n, MOST_FAMILY);
  const rank = walshRank(few, confidence);
  if (rank === undefined || 2 / 2 ** few > 1 - confidence + ROUNDING) return undefined;
  const usual = confidence === TABLE_CONFIDENCE && power === POWER && scatter === 'estimated';
  const tabled = usual ? FINDING_SHIFTS.get(comparisons)?.[few - TABLE_FIRST] : undefined;
  const [shift, alone] = tabled ?? findingShift(few, rank.k, { confidence, power, comparisons, scatter });
  const interval = intervalShift(n, confidence, power);
  // What the interval takes is known better from its own sweeps; the ratio to it hardly depends on which were drawn.
  return interval && (interval * shift) / alone;
}

/** What is asked of the simulated sweeps of a family. */
interface FamilyQuestion {
  readonly confidence: number;
  readonly power: number;
  readonly comparisons: number;
  readonly scatter: 'estimated' | 'known';
}

/** The shift that is a finding in a share of simulated sweeps, and the one that the interval takes in that share of the same sweeps. */
export function findingShift(
  n: number,
  k: number,
  { confidence, power, comparisons, scatter }: FamilyQuestion,
): readonly [shift: number, interval: number] {
  const key = `${n}/${k}/${1 - confidence}/${comparisons}`;
  const own = findings.get(key) ?? findingShifts(n, k, 1 - confidence, comparisons);
  findings.set(key, own);
  return [quantileSorted(own[scatter], power), quantileSorted(own.interval, power)];
}

/**
 * The least number of pairs, up to `most`, with which the signed-rank interval tells zero from a shift of so many standard deviations in
 * this share of sweeps; undefined where even those are too few.
 */
export function pairsNeeded(shift: number, confidence: number, most: number, power = POWER): number | undefined {
  const enough = (n: number): boolean => (intervalShift(n, confidence, power) ?? Infinity) <= shift;
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
  return new Float64Array(SWEEPS)
    .map(() => {
      fillNormal(differences, stream);
      return intervalNeeds(differences, k, walsh);
    })
    .sort();
}

function fillNormal(into: Float64Array, stream: RandomStream): void {
  for (let i = 0; i < into.length; i++) into[i] = gaussian(stream);
}

/** The shift with which the lower end of the interval, the k-th Walsh average, would lie at zero. */
function intervalNeeds(differences: Float64Array, k: number, walsh: Float64Array): number {
  const n = differences.length;
  let at = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) walsh[at++] = ((differences[i] as number) + (differences[j] as number)) / 2;
  }
  quickselect(walsh, k - 1);
  return -(walsh[k - 1] as number);
}

function findingShifts(n: number, k: number, alpha: number, comparisons: number): FindingShifts {
  const stream = seededStream(0, 'power of a finding', n, comparisons);
  const signs = signTable(n, stream);
  const walsh = new Float64Array((n * (n + 1)) / 2);
  const [base, own, other] = [new Float64Array(n), new Float64Array(n), new Float64Array(n)];
  const [sums, others, counts] = [0, 1, 2].map(() => new Float64Array(signs.rows)) as Triple;
  signedSums(new Float64Array(n).fill(1), signs, counts);
  const known = new Float64Array(FAMILY_SWEEPS);
  const interval = new Float64Array(FAMILY_SWEEPS);
  const estimated = new Float64Array(FAMILY_SWEEPS * SCATTERS);
  for (let sweep = 0; sweep < FAMILY_SWEEPS; sweep++) {
    fillNormal(base, stream);
    others.fill(0);
    for (let one = 1; one < comparisons; one++) {
      fillPairs(other, base, stream);
      signedSums(other, signs, sums);
      raise(others, sums, squaresOf(other));
    }
    fillPairs(own, base, stream);
    signedSums(own, signs, sums);
    const family = {
      n,
      sums,
      counts,
      others,
      squares: squaresOf(own),
      most: Math.floor(signs.rows * alpha + ROUNDING),
    };
    const alone = intervalNeeds(own, k, walsh);
    const needed = familyNeeds(family, alone);
    interval[sweep] = alone;
    known[sweep] = needed;
    for (let i = 0; i < SCATTERS; i++) estimated[sweep * SCATTERS + i] = needed / estimatedDeviation(n, stream);
  }
  return { known: known.sort(), estimated: estimated.sort(), interval: interval.sort() };
}

type Triple = [Float64Array, Float64Array, Float64Array];

/** Assignments of signs, that without any change first; the signs of a block lie together. */
interface SignTable {
  readonly rows: number;
  readonly signs: readonly Float64Array[];
}

/** All assignments, up to the sign of the whole, or else draws. */
function signTable(n: number, stream: RandomStream): SignTable {
  const all = 2 ** (n - 1);
  const rows = all <= MOST_ASSIGNMENTS ? all : DRAWN_ASSIGNMENTS;
  const signs = Array.from({ length: n }, (_, block) =>
    Float64Array.from({ length: rows }, (_, row) => {
      if (row === 0) return 1;
      return (rows === all ? (row >> block) & 1 : stream.int(2)) === 0 ? 1 : -1;
    }),
  );
  return { rows, signs };
}

/** Differences of trials that share the baseline's, of standard deviation 1. */
function fillPairs(into: Float64Array, base: Float64Array, stream: RandomStream): void {
  for (let i = 0; i < into.length; i++) into[i] = (gaussian(stream) - (base[i] as number)) / Math.SQRT2;
}

/** What n pairs of standard deviation 1 estimate it to be: √(χ² ÷ (n − 1)), by exponentials, two degrees of freedom each. */
function estimatedDeviation(n: number, stream: RandomStream): number {
  let square = n % 2 === 0 ? gaussian(stream) ** 2 : 0;
  for (let degrees = 2; degrees < n; degrees += 2) square += stream.exponential(2);
  return Math.sqrt(square / (n - 1));
}

function squaresOf(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] as number) ** 2;
  return sum;
}

/** The sum of the differences under each assignment. */
function signedSums(differences: Float64Array, { signs }: SignTable, into: Float64Array): void {
  into.fill(0);
  for (let block = 0; block < differences.length; block++) {
    const own = signs[block] as Float64Array;
    const difference = differences[block] as number;
    for (let row = 0; row < into.length; row++) into[row] = (into[row] as number) + difference * (own[row] as number);
  }
}

/** Raises the greatest sum² ÷ sum of squares of each assignment to that of one more comparison. */
function raise(greatest: Float64Array, sums: Float64Array, squares: number): void {
  for (let row = 0; row < sums.length; row++) {
    const r = (sums[row] as number) ** 2 / squares;
    if (r > (greatest[row] as number)) greatest[row] = r;
  }
}

/** One comparison of a family under every assignment of signs. */
interface OwnFamily {
  readonly n: number;
  /** The signed sums of its differences, and of as many ones. */
  readonly sums: Float64Array;
  readonly counts: Float64Array;
  /** The sum of its squared differences. */
  readonly squares: number;
  /** The greatest sum² ÷ sum of squares of the other comparisons. */
  readonly others: Float64Array;
  /** In so many assignments something may lie as far out as what was seen. */
  readonly most: number;
}

/** The least shift, from `least` on, that max-T allows. */
function familyNeeds(family: OwnFamily, least: number): number {
  if (allows(family, least)) return least;
  let [low, high] = [least, least + 1];
  while (!allows(family, high)) [low, high] = [high, 2 * high + 1];
  while (high - low > 2e-3) {
    const middle = (low + high) / 2;
    if (allows(family, middle)) high = middle;
    else low = middle;
  }
  return high;
}

function allows({ n, sums, counts, squares, others, most }: OwnFamily, shift: number): boolean {
  const seen = Math.abs((sums[0] as number) + n * shift) * (1 - ROUNDING);
  const r = seen ** 2 / (squares + 2 * shift * (sums[0] as number) + n * shift ** 2);
  let far = 0;
  for (let row = 0; row < sums.length; row++) {
    const there = Math.abs((sums[row] as number) + shift * (counts[row] as number));
    if ((there >= seen || (others[row] as number) >= r) && ++far > most) return false;
  }
  return true;
}
