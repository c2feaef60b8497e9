import { halfWidthOf } from '../../src/analysis/inference/contrast-widths.ts';
import type { MetricId } from '../../src/metrics/metrics.ts';
import { bootstrapEstimate } from '../../src/statistics/bootstrap.ts';
import type { Estimate } from '../../src/statistics/estimate.ts';
import { hodgesLehmann, hodgesLehmannRatio } from '../../src/statistics/hodges-lehmann.ts';
import { satisfies } from '../../src/statistics/least-n.ts';
import { medianEstimate } from '../../src/statistics/median.ts';
import { standardDeviation } from '../../src/statistics/descriptive.ts';
import { maxT } from '../../src/statistics/max-t.ts';
import { detectableShift, POWER } from '../../src/statistics/power.ts';
import type { RandomStream } from '../../src/statistics/random.ts';
import { seededStream } from '../../src/statistics/random.ts';
import { endAfter } from '../../src/sweep/precision.ts';
import type { Noise, SimulatedSweep, SweepModel } from './simulated-sweep.ts';
import { differenceOfTheTime, medianOfTheTime, simulateSweep } from './simulated-sweep.ts';

/** How often intervals of simulated sweeps hold the truth, or how often sweeps without any effect claim one. */
export interface CoverageRow {
  readonly what: string;
  readonly noise: Noise;
  /** Blocks of a sweep; the mean of them where the sweep itself decides. */
  readonly blocks: number;
  /** Share of the intervals that hold the truth, or of the sweeps with a false claim. */
  readonly rate: number;
  /** What the estimates state: their mean confidence, or the level of the family. */
  readonly stated: number;
  /** `claims`: at most what is stated. `power`: that share of sweeps. `warned`: the estimate itself says that it may cover less. */
  readonly kind: 'covers' | 'claims' | 'power' | 'warned' | 'not promised';
}

/** How many sweeps to simulate, and from which seed. */
export interface Rounds {
  readonly sweeps: number;
  readonly seed: number;
}

interface BootstrapRounds extends Rounds {
  /** Resamples of each bootstrap. */
  readonly resamples: number;
}

const CONFIDENCE = 0.95;
/** A coverage may be off by so much where 2,000 sweeps have a Monte Carlo error of 0.5 %: 95 % may be 93.5 or 96.5. */
const SLACK = 0.015;
/** So far the power at the printed effect may be from what is said: it is told from simulations too. */
const POWER_SLACK = 0.03;
/** Draws of signs where the blocks are too many for all of them. */
const SIGN_DRAWS = 999;
/** Five settings of a sweep; the third is the baseline. */
const LEVELS = [0.7, 0.8, 1, 1.3, 1.8];
const BASELINE = 2;
const SPREAD = 0.05;
/** What an adaptive run asks for, and how its trials scatter: most of them end by width, between the least and the most blocks. */
const ADAPTIVE_SPREAD = 0.07;
const ADAPTIVE = { precision: 0.05, min: 6, budgetSeconds: undefined };
const MOST_BLOCKS = 20;
const PRIMARIES: readonly MetricId[] = ['memory.anon', 'cpu.per_request'];
const CONTRASTS_OF_A_PRIMARY = 4;

/** What became of a row's promise, as far as so many sweeps can tell: claims may be two of their standard errors over. */
export function verdict(
  { rate, stated, kind }: CoverageRow,
  sweeps: number,
): 'ok' | 'more' | 'less' | 'less, and says so' | 'MISSED' {
  if (kind === 'claims') return rate <= stated + 2 * Math.sqrt((stated * (1 - stated)) / sweeps) ? 'ok' : 'MISSED';
  if (kind === 'power') return Math.abs(rate - stated) <= POWER_SLACK ? 'ok' : 'MISSED';
  if (rate > stated + SLACK) return 'more';
  if (rate >= stated - SLACK) return 'ok';
  return kind === 'covers' ? 'MISSED' : kind === 'warned' ? 'less, and says so' : 'less';
}

/** The rows of sweeps with a fixed number of blocks. */
export function fixedRows(noise: Noise, blocks: number, options: BootstrapRounds): readonly CoverageRow[] {
  const ratio: SweepModel = { levels: LEVELS, noise, spread: SPREAD, scale: 'ratio' };
  const difference: SweepModel = { ...ratio, scale: 'difference' };
  const cell = (sweep: SimulatedSweep, at = 0): readonly number[] => sweep.values[at] as readonly number[];
  const trueRatio = (LEVELS[0] as number) / (LEVELS[BASELINE] as number);
  const trueDifference = (LEVELS[0] as number) - (LEVELS[BASELINE] as number);
  const shift = (sweep: SimulatedSweep): Estimate =>
    hodgesLehmann(
      cell(sweep).map((value, b) => value - (cell(sweep, BASELINE)[b] as number)),
      CONFIDENCE,
    );
  const ratioOfMeans = (sweep: SimulatedSweep, stream: RandomStream): Estimate =>
    bootstrapEstimate(pairs(sweep, 0), meanRatio, {
      confidence: CONFIDENCE,
      stream,
      name: 'ratio of means',
      resamples: options.resamples,
    });
  const median = (sweep: SimulatedSweep): Estimate => medianEstimate(cell(sweep), CONFIDENCE);
  const row = (
    what: string,
    model: SweepModel,
    estimate: (sweep: SimulatedSweep, stream: RandomStream) => Estimate,
    truth: (sweep: SimulatedSweep) => number,
  ): CoverageRow => ({ what, noise, blocks, ...covered(what, model, blocks, estimate, truth, options) });
  const inTheLongRun = (found: CoverageRow): readonly CoverageRow[] =>
    noise === 'drifting' ? [{ ...found, what: `${found.what}, long run`, kind: 'not promised' }] : [];
  return [
    row('median of a cell', ratio, median, (sweep) => medianOfTheTime(ratio, sweep, 0)),
    ...inTheLongRun(row('median of a cell', ratio, median, () => LEVELS[0] as number)),
    row('difference, noise added', difference, shift, () => trueDifference),
    row('difference, multiplied', ratio, shift, (sweep) => differenceOfTheTime(ratio, sweep, 0, BASELINE)),
    ...inTheLongRun(row('difference, multiplied', ratio, shift, () => trueDifference)),
    row(
      'ratio',
      ratio,
      (sweep) => hodgesLehmannRatio(pairs(sweep, 0), CONFIDENCE),
      () => trueRatio,
    ),
    row('ratio of means, BCa', ratio, ratioOfMeans, () => trueRatio),
  ];
}

/** Null sweeps of a fixed number of blocks: how many claim anything. */
export function familyRow(noise: Noise, blocks: number, { sweeps, seed }: Rounds): CoverageRow {
  const stream = seededStream(seed, 'family', noise, blocks);
  const model = nullModel(noise);
  let claims = 0;
  for (let round = 0; round < sweeps; round++) {
    const primaries = [0, 1].map(() => simulateSweep(model, blocks, stream));
    if (claimsAnything(primaries, stream)) claims++;
  }
  return { what: 'false claims, max-T', noise, blocks, rate: claims / sweeps, stated: 1 - CONFIDENCE, kind: 'claims' };
}

/**
 * Sweeps with one effect among so many comparisons with a baseline, as great as is printed for detectable from the A/A
 * pairs of another such sweep: how many have the finding.
 */
export function powerOfFinding(
  noise: Noise,
  blocks: number,
  comparisons: number,
  { sweeps, seed }: Rounds,
): CoverageRow {
  const stream = seededStream(seed, 'power', noise, blocks, comparisons);
  const shift = detectableShift(blocks, CONFIDENCE, POWER, comparisons) as number;
  let findings = 0;
  for (let round = 0; round < sweeps; round++) {
    const again = simulateSweep({ levels: [1, 1], noise, spread: SPREAD, scale: 'ratio' }, blocks, stream);
    const scatter = standardDeviation(
      logRatios(again.values[0] as readonly number[], again.values[1] as readonly number[]),
    );
    const levels = [1, Math.exp(shift * scatter), ...new Array<number>(comparisons - 1).fill(1)];
    const [base, ...cells] = simulateSweep({ levels, noise, spread: SPREAD, scale: 'ratio' }, blocks, stream).values;
    const family = cells.map((cell) => logRatios(cell, base as readonly number[]));
    const { low } = hodgesLehmann(family[0] as readonly number[], CONFIDENCE);
    if (low === null || low <= 0) continue;
    if (allowed(maxT(family, stream, SIGN_DRAWS).adjusted[0] as number)) findings++;
  }
  return {
    what: `finding, 1 of ${comparisons}`,
    noise,
    blocks,
    rate: findings / sweeps,
    stated: POWER,
    kind: 'power',
  };
}

/**
 * Sweeps with so many contrasts, without any effect, that end themselves by gctune's own rule: how often the ratios hold
 * the truth, in all sweeps and in those that ended by their widths, and how many sweeps claim anything.
 */
export function adaptiveRows(noise: Noise, contrasts: number, { sweeps, seed }: Rounds): readonly CoverageRow[] {
  const stream = seededStream(seed, 'adaptive', noise, contrasts);
  const all = new Held();
  const byWidth = new Held();
  let claims = 0;
  for (let round = 0; round < sweeps; round++) {
    const { primaries, ended } = untilPrecise(noise, contrasts, stream);
    for (const sweep of primaries) {
      for (const cell of sweep.values.slice(2)) {
        const found = hodgesLehmannRatio(zipped(cell, sweep.values[0]), CONFIDENCE);
        all.add(found, 1);
        if (ended) byWidth.add(found, 1);
      }
    }
    const family = primaries.flatMap(({ values: [base, , ...cells] }) =>
      cells.map((cell) => logRatios(cell, base ?? [])),
    );
    if (maxT(family, stream, SIGN_DRAWS).adjusted.some(allowed)) claims++;
  }
  const what = contrasts === 1 ? '1 contrast' : `${contrasts} contrasts`;
  const { blocks } = all;
  return [
    { what: `adaptive, ${what}`, noise, blocks, rate: all.rate, stated: all.stated, kind: 'covers' },
    {
      what: `ended by width, ${what}`,
      noise,
      blocks: byWidth.blocks,
      rate: byWidth.rate,
      stated: byWidth.stated,
      kind: 'covers',
    },
    {
      what: `false claims, ${what}`,
      noise,
      blocks,
      rate: claims / sweeps,
      stated: 1 - CONFIDENCE,
      kind: 'claims',
    },
  ];
}

/** Counts how many intervals hold the truth. */
class Held {
  #intervals = 0;
  #holding = 0;
  #stated = 0;
  #blocks = 0;

  add(found: Estimate, truth: number): void {
    this.#intervals++;
    if (holds(found, truth)) this.#holding++;
    this.#stated += found.confidence as number;
    this.#blocks += found.n;
  }

  get rate(): number {
    return this.#holding / this.#intervals;
  }

  get stated(): number {
    return this.#stated / this.#intervals;
  }

  /** The mean of them. */
  get blocks(): number {
    return this.#blocks / this.#intervals;
  }
}

/** The primaries of one run, four contrasts of each at most, cut where gctune's own rule ends it. */
function untilPrecise(
  noise: Noise,
  contrasts: number,
  stream: RandomStream,
): { readonly primaries: readonly SimulatedSweep[]; readonly ended: boolean } {
  // The baseline, the baseline again, and the other levels.
  const cells = 2 + Math.min(contrasts, CONTRASTS_OF_A_PRIMARY);
  const model: SweepModel = {
    levels: new Array<number>(cells).fill(1),
    noise,
    spread: ADAPTIVE_SPREAD,
    scale: 'ratio',
  };
  const primaries = PRIMARIES.slice(0, Math.ceil(contrasts / CONTRASTS_OF_A_PRIMARY)).map((metric) => ({
    metric,
    sweep: simulateSweep(model, MOST_BLOCKS, stream),
  }));
  for (let block = ADAPTIVE.min; ; block++) {
    const soFar = primaries.map(({ metric, sweep }) => ({ metric, sweep: firstBlocks(sweep, block) }));
    const widths = soFar.flatMap(
      ({
        metric,
        sweep: {
          values: [base = [], again, ...others],
        },
      }) =>
        others.map((values, cell) => ({
          cell: `level ${cell}`,
          metric,
          halfWidth: halfWidthOf(
            values.map((value, b) => ({ value, base: base[b] as number, again: again?.[b] })),
            CONFIDENCE,
          ),
        })),
    );
    const ended = endAfter(ADAPTIVE, { block, elapsedSeconds: 0, blockSeconds: 0, widths }) !== undefined;
    if (ended || block === MOST_BLOCKS)
      return { primaries: soFar.map(({ sweep }) => sweep), ended: ended && block < MOST_BLOCKS };
  }
}

function covered(
  what: string,
  model: SweepModel,
  blocks: number,
  estimate: (sweep: SimulatedSweep, stream: RandomStream) => Estimate,
  truth: (sweep: SimulatedSweep) => number,
  { sweeps, seed }: Rounds,
): Pick<CoverageRow, 'rate' | 'stated' | 'kind'> {
  const stream = seededStream(seed, what, model.noise, blocks);
  let [holding, stated, warned] = [0, 0, false];
  for (let round = 0; round < sweeps; round++) {
    const sweep = simulateSweep(model, blocks, stream);
    const found = estimate(sweep, stream);
    if (holds(found, truth(sweep))) holding++;
    stated += (found.confidence as number) / sweeps;
    warned ||= found.warnings.length > 0;
  }
  return { rate: holding / sweeps, stated, kind: warned ? 'warned' : 'covers' };
}

function holds({ low, high }: Estimate, truth: number): boolean {
  return low !== null && high !== null && low <= truth && truth <= high;
}

/** Whether step-down max-T over every contrast of every primary leaves a claim. */
function claimsAnything(primaries: readonly SimulatedSweep[], stream: RandomStream): boolean {
  const family = primaries.flatMap(({ values }) =>
    others().map((cell) => logRatios(values[cell] as readonly number[], values[BASELINE] as readonly number[])),
  );
  return maxT(family, stream, SIGN_DRAWS).adjusted.some(allowed);
}

function allowed(adjusted: number): boolean {
  return satisfies(1 - adjusted, CONFIDENCE);
}

function logRatios(values: readonly number[], base: readonly number[]): readonly number[] {
  return values.map((value, block) => Math.log(value / (base[block] as number)));
}

function nullModel(noise: Noise): SweepModel {
  return { levels: LEVELS.map(() => 1), noise, spread: SPREAD, scale: 'ratio' };
}

/** The cells that are held against the baseline. */
function others(): readonly number[] {
  return LEVELS.map((_, cell) => cell).filter((cell) => cell !== BASELINE);
}

function pairs(sweep: SimulatedSweep, cell: number): readonly (readonly [number, number])[] {
  return zipped(sweep.values[cell], sweep.values[BASELINE]);
}

function zipped(values: readonly number[] = [], base: readonly number[] = []): readonly (readonly [number, number])[] {
  return values.map((value, b) => [value, base[b] as number] as const);
}

function firstBlocks({ values, drift }: SimulatedSweep, blocks: number): SimulatedSweep {
  return { values: values.map((row) => row.slice(0, blocks)), drift: drift.map((row) => row.slice(0, blocks)) };
}

function meanRatio(sample: readonly (readonly [number, number])[]): number {
  let [above, below] = [0, 0];
  for (const [value, base] of sample) {
    above += value;
    below += base;
  }
  return above / below;
}
