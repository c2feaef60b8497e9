import type { CellAnalysis, WorkloadAnalysis } from '../../../src/analysis/analysis.ts';
import { axesOf } from '../../../src/analysis/inference/axes.ts';
import { contrastsOf } from '../../../src/analysis/inference/contrasts.ts';
import { recommend, type RecommendInput } from '../../../src/analysis/recommend/recommend.ts';
import type { Recommendation } from '../../../src/analysis/recommend/recommendation.ts';
import type { Limit } from '../../../src/analysis/recommend/wishes.ts';
import type { Experiment } from '../../../src/experiment/experiment.ts';
import type { MetricId } from '../../../src/metrics/metrics.ts';
import { medianEstimate } from '../../../src/statistics/median.ts';
import { normalQuantile } from '../../../src/statistics/normal.ts';
import { seededStream, type RandomStream } from '../../../src/statistics/random.ts';
import { sampleRun } from '../../fixtures/analysis/sample-run.ts';

const MIB = 2 ** 20;
const BASE = 100;
const METRICS = ['memory.anon', 'cpu.per_request', 'latency.p99'] as const satisfies readonly MetricId[];
type Point = readonly [memory: number, cpu: number, p99: number];

/** A sweep of which the truth is known. */
export interface TrueSweep {
  readonly levels: readonly number[];
  readonly blocks: number;
  /** True medians of a level; noise is a factor whose logarithm is normal. */
  readonly truth: (gogc: number) => Point;
  /** Standard deviations of the logarithms between trials of a cell, in the order of the metrics. */
  readonly noise: Point;
  /** The same of what the trials of a block have in common, in CPU and p99: the drift of the machine. */
  readonly drift: number;
  readonly seed: number;
}

/** The manifest's experiment of the fixtures, with these primaries. */
export function experimentOf(): Experiment {
  return sampleRun().manifest.experiment;
}

/** A cell of nothing but values, with the estimates that belong to them. */
export function cellOf(
  gogc: number,
  role: 'level' | 'a-a',
  values: Readonly<Partial<Record<MetricId, readonly number[]>>>,
  more: Partial<CellAnalysis> = {},
): CellAnalysis {
  const found = Object.entries(values).filter(([, own]) => own.length > 0);
  const n = Math.max(0, ...found.map(([, own]) => own.length));
  return {
    id: `gogc=${gogc}${role === 'a-a' ? ' (A/A)' : ''}`,
    levels: { gogc, gomemlimit: 'off', workload: 'steady' },
    role,
    baseline: gogc === BASE && role === 'level',
    label: `GOGC=${gogc}${role === 'a-a' ? ' (A/A)' : ''}`,
    valid: n,
    attempted: n,
    outcomes: { completed: n },
    shortfall: undefined,
    estimates: Object.fromEntries(found.map(([metric, own]) => [metric, medianEstimate(own, 0.95)])),
    values: Object.fromEntries(
      found.map(([metric, own]) => [
        metric,
        own.map((value, i) => ({ trial: `${i + 1}-${gogc}-${role}`, block: i + 1, value })),
      ]),
    ),
    courses: [],
    composition: undefined,
    latency: [],
    warnings: [],
    ...more,
  };
}

/** What `recommend` is given of cells under one workload. */
export function inputOf(cells: readonly CellAnalysis[], workload = 'steady'): RecommendInput {
  const { manifest } = sampleRun();
  const view: WorkloadAnalysis = {
    workload,
    description: 'simulated',
    unit: 'request',
    cells,
    axes: axesOf(manifest.experiment, cells),
    noise: [],
    contrasts: contrastsOf(manifest.experiment, [cells])[0] ?? [],
  };
  return { run: manifest, workloads: [view] };
}

/** Draws the trials of a sweep. */
export function drawCells({ levels, blocks, truth, noise, drift, seed }: TrueSweep): readonly CellAnalysis[] {
  const stream = seededStream(seed, 'simulated-sweep');
  const common = Array.from({ length: blocks }, () => drift * normal(stream));
  const draw = (gogc: number, role: 'level' | 'a-a'): CellAnalysis => {
    const point = truth(gogc);
    const values = METRICS.map((metric, i) => [
      metric,
      common.map(
        (shift) => (point[i] as number) * Math.exp((i === 0 ? 0 : shift) + (noise[i] as number) * normal(stream)),
      ),
    ]);
    return cellOf(gogc, role, Object.fromEntries(values) as Partial<Record<MetricId, number[]>>);
  };
  return [...levels.map((gogc) => draw(gogc, 'level')), draw(BASE, 'a-a')];
}

/** What came of many sweeps. */
export interface Tally {
  readonly sweeps: number;
  readonly answered: number;
  /** Of those answered: the chosen level meets every limit in truth. */
  readonly sound: number;
  /** Of those answered: the chosen level is not the baseline, which meets every limit by itself. */
  readonly moved: number;
  readonly movedSound: number;
  /** Of those answered: the chosen level is the one with the least memory of those that meet the limits in truth. */
  readonly best: number;
  /** The truth is clear: it lies two half-widths of an interval away from what would change the answer. */
  readonly clear: number;
  readonly clearRefused: number;
}

/** Runs `recommend` over sweeps with random truths, limits and noise. The same seed gives the same tally. */
export function tallySweeps(sweeps: number, seed: number): Tally {
  const tally = { sweeps, answered: 0, sound: 0, moved: 0, movedSound: 0, best: 0, clear: 0, clearRefused: 0 };
  for (let i = 0; i < sweeps; i++) {
    const stream = seededStream(seed, 'sweep', i);
    const sweep = randomSweep(stream);
    const limits = randomLimits(stream);
    const { chosen } = answer(sweep, limits);
    const meets = (gogc: number, slack: number): boolean =>
      limits.every((limit) => margin(sweep, gogc, limit) >= slack);
    const right = sweep.levels.filter((gogc) => meets(gogc, 0)).toSorted((a, b) => a - b)[0] ?? NaN;
    const lean = sweep.levels.filter((gogc) => gogc < BASE);
    const clear =
      right < BASE ? meets(right, 2) : lean.every((gogc) => limits.some((limit) => margin(sweep, gogc, limit) <= -2));
    if (clear) tally.clear++;
    if (chosen === undefined) {
      if (clear) tally.clearRefused++;
      continue;
    }
    tally.answered++;
    const gogc = Number(chosen.gogc);
    if (meets(gogc, 0)) tally.sound++;
    if (gogc !== BASE) {
      tally.moved++;
      if (meets(gogc, 0)) tally.movedSound++;
    }
    if (gogc === right) tally.best++;
  }
  return tally;
}

function answer(sweep: TrueSweep, limits: readonly Limit[]): Recommendation {
  const input = inputOf(drawCells(sweep));
  return recommend(input, { limits, price: undefined });
}

/** How far in truth a level is within a limit, in half-widths of the interval that so many blocks give. */
function margin({ truth, noise, blocks }: TrueSweep, gogc: number, limit: Limit): number {
  const at = limit.name === 'cpu' ? 1 : 2;
  const ratio = truth(gogc)[at] / truth(BASE)[at];
  const half = (1.96 * Math.SQRT2 * noise[at]) / Math.sqrt(blocks);
  return gogc === BASE ? Infinity : (Math.log(1 + limit.most) - Math.log(ratio)) / half;
}

/** Memory as p + q·g and CPU as a + b/g, with g = GOGC ÷ 100; p99 goes with the CPU of the collector. */
function randomSweep(stream: RandomStream): TrueSweep {
  const between = (low: number, high: number): number => low + (high - low) * stream.next();
  const live = between(20, 300) * MIB;
  const [requestSeconds, share, tail] = [between(0.0005, 0.01), between(0.005, 0.12), between(0.5, 3)];
  return {
    levels: [25, 50, 100, 200, 400],
    blocks: [6, 10, 15, 20][stream.int(4)] as number,
    truth: (gogc) => {
      const g = gogc / 100;
      return [live * (1.3 + g), requestSeconds * (1 + share / g), 8 * requestSeconds * (1 + (tail * share) / g)];
    },
    noise: [between(0.005, 0.03), between(0.005, 0.05), between(0.03, 0.15)],
    drift: between(0, 0.1),
    seed: stream.int(2 ** 31),
  };
}

function randomLimits(stream: RandomStream): readonly Limit[] {
  const cpu = [0.02, 0.05, 0.1, 0.2][stream.int(4)] as number;
  const p99 = [0.1, 0.25, 0.5][stream.int(3)] as number;
  const limits: readonly Limit[] = [{ name: 'cpu', kind: 'change', most: cpu }];
  return stream.next() < 0.5 ? limits : [...limits, { name: 'p99', kind: 'change', most: p99 }];
}

function normal(stream: RandomStream): number {
  return normalQuantile(stream.next() * (1 - 2e-12) + 1e-12);
}

/** What came of sweeps of one truth under the rule where nothing is asked for, in one direction. */
export interface DirectionTally {
  readonly goal: string;
  answered: number;
  /**
   * The chosen setting is within the guard in truth and no worse than the best of those that are clearly within it, by two
   * points or more; or the baseline, where all that could be gained is little.
   */
  right: number;
  /** It is the very best of those that are within the guard in truth, however narrowly. */
  best: number;
  /** It keeps the guard and gains in truth, or is the baseline, but another gains more. */
  sound: number;
  /** It breaks the guard in truth, or gains nothing. */
  unsound: number;
}

/** A shift of CPU that the rule lets go in either direction. */
const GUARD = 0.1;
/** Nearer to the guard than this nobody can tell. */
const CLEARLY = 0.02;

/**
 * Puts sweeps of a known truth to the rule where nothing is asked for: two workloads of one truth, one family. `pairSd` is
 * the scatter of a pair of trials in CPU. The same seeds give the same tally.
 */
export function tallyDefaultRule(
  levels: readonly number[],
  truth: TrueSweep['truth'],
  {
    blocks,
    pairSd,
    seeds,
    maxCpu,
  }: {
    readonly blocks: number;
    readonly pairSd: number;
    readonly seeds: number;
    /** A limit on CPU that is asked for; undefined: nothing is, and the guards stand. */
    readonly maxCpu?: number;
  },
): readonly DirectionTally[] {
  const tallies: DirectionTally[] = ['memory', 'cpu'].map((goal) => ({
    goal,
    answered: 0,
    right: 0,
    best: 0,
    sound: 0,
    unsound: 0,
  }));
  const base = truth(BASE);
  const change = (gogc: number, at: 0 | 1): number => truth(gogc)[at] / base[at] - 1;
  const mostCpu = maxCpu ?? GUARD;
  const leanest = (most: number): number | undefined =>
    levels.filter((gogc) => change(gogc, 1) <= most).toSorted((a, b) => change(a, 0) - change(b, 0))[0];
  const best = [
    leanest(mostCpu - CLEARLY),
    levels.filter((gogc) => change(gogc, 0) <= 1).toSorted((a, b) => change(a, 1) - change(b, 1))[0],
  ];
  const strict = [leanest(mostCpu), best[1]];
  for (let seed = 1; seed <= seeds; seed++) {
    const noise: Point = [0.01, pairSd / Math.SQRT2, 0.1];
    const drawn = ['steady', 'bursty'].map((workload, i) =>
      drawCells({ levels, blocks, truth, noise, drift: 0.02, seed: seed * 10 + i }).map((cell) => ({
        ...cell,
        id: `${cell.id} workload=${workload}`,
        levels: { ...cell.levels, workload },
      })),
    );
    const { answers } = recommend(inputOfWorkloads(drawn, seed), {
      limits: maxCpu === undefined ? [] : [{ name: 'cpu', kind: 'change', most: maxCpu }],
      price: undefined,
    });
    answers.forEach(({ chosen, kept }, i) => {
      const tally = tallies[i];
      if (chosen === undefined || tally === undefined) return;
      tally.answered++;
      const gogc = Number(chosen.gogc);
      const [aim, price] = i === 0 ? ([0, 1] as const) : ([1, 0] as const);
      const littleLeft = kept === 'little' && change(best[i] ?? BASE, 1) >= -GUARD;
      const sound = gogc === BASE || (change(gogc, aim) < 0 && change(gogc, price) <= (i === 0 ? mostCpu : 1));
      if (gogc === strict[i]) tally.best++;
      if (!sound) tally.unsound++;
      else if (littleLeft || change(gogc, aim) <= change(best[i] ?? BASE, aim)) tally.right++;
      else tally.sound++;
    });
  }
  return tallies;
}

function inputOfWorkloads(drawn: readonly (readonly CellAnalysis[])[], seed: number): RecommendInput {
  const { experiment } = MANIFEST;
  const contrasts = contrastsOf(experiment, drawn, seed);
  return {
    run: MANIFEST,
    workloads: drawn.map((cells, i) => ({
      workload: cells[0]?.levels.workload ?? '',
      description: 'simulated',
      unit: 'request',
      cells,
      axes: axesOf(experiment, cells),
      noise: [],
      contrasts: contrasts[i] ?? [],
    })),
  };
}

const MANIFEST = sampleRun().manifest;
