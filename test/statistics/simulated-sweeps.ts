import { bootstrapEstimate } from '../../src/statistics/bootstrap.ts';
import { median } from '../../src/statistics/descriptive.ts';
import type { Estimate } from '../../src/statistics/estimate.ts';
import { relativeHalfWidth } from '../../src/statistics/half-width.ts';
import { hodgesLehmann, hodgesLehmannRatio } from '../../src/statistics/hodges-lehmann.ts';
import { medianEstimate } from '../../src/statistics/median.ts';
import { holm } from '../../src/statistics/multiplicity.ts';
import { normalQuantile } from '../../src/statistics/normal.ts';
import { seededStream, type RandomStream } from '../../src/statistics/random.ts';
import { signedRankTest } from '../../src/statistics/signed-rank.ts';

/** How trials scatter: `drifting` has a machine that wanders, one step a trial, besides the noise of each trial. */
export const NOISES = ['normal', 'skewed', 'drifting'] as const;
type Noise = (typeof NOISES)[number];

/** Levels of GOGC beside the baseline, and primary metrics: what one sweep claims about. */
const LEVELS = 4;
const METRICS = 2;
const CONFIDENCE = 0.95;
const SCATTER = 0.05;
/** What the first level really changes: the truth that the intervals are to cover. */
const RATIO = 0.8;

/** How often the intervals of one kind held the truth. */
export interface Coverage {
  readonly what: string;
  readonly covered: number;
  /** The mean of the confidences that they stated. */
  readonly stated: number;
}

/** What came of many sweeps. */
export interface SweepTally {
  readonly coverages: readonly Coverage[];
  /** Share of sweeps, of which nothing is true, that claim anything in a primary metric after Holm. */
  readonly falseClaims: number;
  /** Mean number of blocks. */
  readonly blocks: number;
}

/** Blocks of a sweep: a number, or the adaptive rule between two, which looks at widths alone. */
export type Blocks = number | { readonly min: number; readonly max: number; readonly precision: number };

/** Simulates sweeps of known truth and counts what their intervals cover and their tests claim. */
export function tallySimulatedSweeps(sweeps: number, noise: Noise, blocks: Blocks, seed: number): SweepTally {
  const stream = seededStream(seed, 'coverage', noise, JSON.stringify(blocks));
  const counts = new Map<string, { covered: number; stated: number }>();
  const count = (what: string, truth: number, estimate: Estimate): void => {
    const { low, high, confidence } = estimate;
    const own = counts.get(what) ?? { covered: 0, stated: 0 };
    const covered = low !== null && high !== null && low <= truth && truth <= high;
    counts.set(what, { covered: own.covered + (covered ? 1 : 0), stated: own.stated + (confidence ?? 0) });
  };
  let claims = 0;
  let used = 0;
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const real = drawSweep(stream, noise, blocks, RATIO);
    used += real.length;
    const pairs = real.map(([base, level]) => [level as number, base as number] as const);
    if (noise !== 'drifting') {
      count(
        'median, order statistics',
        100 * medianOf(noise),
        medianEstimate(
          pairs.map(([, base]) => base),
          CONFIDENCE,
        ),
      );
    }
    count('ratio, Hodges–Lehmann', RATIO, hodgesLehmannRatio(pairs, CONFIDENCE));
    // A null difference is symmetric whatever the noise.
    const null_ = real.map((block) => (block[2] as number) - (block[0] as number));
    count('difference, Hodges–Lehmann', 0, hodgesLehmann(null_, CONFIDENCE));
    count(
      'ratio of medians, bootstrap',
      RATIO,
      bootstrapEstimate(pairs, (drawn) => median(drawn.map(([a]) => a)) / median(drawn.map(([, b]) => b)), {
        confidence: CONFIDENCE,
        stream,
        name: 'ratio of medians',
        resamples: 399,
      }),
    );
    const none = drawSweep(stream, noise, blocks, 1);
    const ps = Array.from({ length: LEVELS * METRICS }, (_, i) => {
      const metric = Math.floor(i / LEVELS);
      const at = metric * (LEVELS + 1);
      return (
        signedRankTest(none.map((block) => (block[at + 1 + (i % LEVELS)] as number) - (block[at] as number))).p ?? 1
      );
    });
    if (holm(ps).some((p) => p <= 1 - CONFIDENCE)) claims++;
  }
  const coverages = [...counts].map(([what, { covered, stated }]) => ({
    what,
    covered: covered / sweeps,
    stated: stated / sweeps,
  }));
  return { coverages, falseClaims: claims / sweeps, blocks: used / sweeps };
}

/** Blocks of values: for each metric the baseline and its levels, of which the first is `ratio` of it. */
function drawSweep(stream: RandomStream, noise: Noise, blocks: Blocks, ratio: number): readonly (readonly number[])[] {
  const [min, max] = typeof blocks === 'number' ? [blocks, blocks] : [blocks.min, blocks.max];
  const drawn: number[][] = [];
  let machine = 0;
  while (drawn.length < max) {
    const cells = stream.shuffle(Array.from({ length: METRICS * (LEVELS + 1) }, (_, i) => i));
    const block = new Array<number>(cells.length).fill(0);
    for (const cell of cells) {
      if (noise === 'drifting') machine = 0.98 * machine + 0.03 * standardNormal(stream);
      const effect = cell === 1 ? ratio : 1;
      block[cell] = 100 * effect * Math.exp(machine + scatter(stream, noise));
    }
    drawn.push(block);
    if (typeof blocks !== 'number' && drawn.length >= min && narrow(drawn, blocks.precision)) break;
  }
  return drawn;
}

function narrow(blocks: readonly (readonly number[])[], precision: number): boolean {
  return Array.from({ length: LEVELS * METRICS }, (_, i) => {
    const at = Math.floor(i / LEVELS) * (LEVELS + 1);
    const pairs = blocks.map((block) => [block[at + 1 + (i % LEVELS)] as number, block[at] as number] as const);
    return relativeHalfWidth(hodgesLehmannRatio(pairs, CONFIDENCE));
  }).every((width) => width !== null && width <= precision);
}

/** ln of a trial's value without the machine. */
function scatter(stream: RandomStream, noise: Noise): number {
  // exp(exponential): a long tail upwards, as of trials that something else disturbed
  return noise === 'skewed' ? stream.exponential(2 * SCATTER) : SCATTER * standardNormal(stream);
}

function medianOf(noise: Noise): number {
  return noise === 'skewed' ? Math.exp(2 * SCATTER * Math.LN2) : 1;
}

function standardNormal(stream: RandomStream): number {
  return normalQuantile((stream.next() + 1e-12) / (1 + 2e-12));
}
