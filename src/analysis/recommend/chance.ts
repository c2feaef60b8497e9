import type { Gogc } from '../../experiment/experiment.ts';
import type { MetricId } from '../../metrics/metrics.ts';
import type { Estimate } from '../../statistics/estimate.ts';
import { standardDeviation } from '../../statistics/descriptive.ts';
import { gaussian } from '../../statistics/gaussian.ts';
import { walshRank } from '../../statistics/hodges-lehmann.ts';
import { holm } from '../../statistics/multiplicity.ts';
import { seededStream, type RandomStream } from '../../statistics/random.ts';
import { studentCdf, studentQuantile } from '../../statistics/student.ts';
import type { CellAnalysis, Contrast, WorkloadAnalysis } from '../analysis.ts';
import { baselineOf } from '../inference/baseline-cell.ts';
import { pairsByBlock } from '../inference/contrasts.ts';
import { verdictOf } from '../inference/verdict.ts';
import { choose } from './choose.ts';
import type { SettingVerdict } from './recommendation.ts';
import { settingVerdicts } from './setting-verdicts.ts';
import { NO_WISHES, rulesOf, type Goal, type Rule, type Wishes } from './wishes.ts';

/** How two trials of the same setting in one block differ: standard deviations of the logarithm of their ratio. */
export interface PairScatter {
  readonly cpu: number;
  readonly memory: number;
}

/** A machine that is neither quiet nor noisy. */
export const ORDINARY_SCATTER: PairScatter = { cpu: 0.06, memory: 0.01 };

/** What the collector is taken to cost at GOGC=100, as a share of what a request costs without it: anything in between. */
export const GC_SHARES = [0.01, 0.2] as const;
/** Memory is taken to be this much, and as much again for each 100 of GOGC, in live heaps. */
const RESIDENT = 1.3;

/** Fewer pairs say little of a standard deviation. */
const LEAST_PAIRS = 5;

/**
 * The scatter that a run's A/A cells show, the greatest of its workloads'; undefined where none has pairs enough in both
 * memory and its price.
 */
export function measuredScatter(workloads: readonly WorkloadAnalysis[]): PairScatter | undefined {
  const found = workloads.flatMap(({ cells, axes: { memory, cost } }) => {
    const [base, again] = [baselineOf(cells), cells.find(({ role }) => role === 'a-a')];
    if (base === undefined || again === undefined || memory === undefined || cost === undefined) return [];
    const spread = (metric: MetricId): number | undefined => {
      const logs = pairsByBlock(again, base, metric).map(([value, other]) => Math.log(value / other));
      return logs.length < LEAST_PAIRS || !logs.every(Number.isFinite) ? undefined : standardDeviation(logs);
    };
    const [inMemory, inCost] = [spread(memory), spread(cost)];
    return inMemory === undefined || inCost === undefined ? [] : [{ memory: inMemory, cpu: inCost }];
  });
  if (found.length === 0) return undefined;
  return {
    memory: Math.max(...found.map(({ memory }) => memory)),
    cpu: Math.max(...found.map(({ cpu }) => cpu)),
  };
}

/** A run as far as its answer depends on it. */
export interface PlannedRun {
  /** Numeric levels of GOGC, the baseline's among them. */
  readonly levels: readonly number[];
  readonly baseline: number;
  readonly workloads: number;
  readonly blocks: number;
  readonly confidence: number;
}

/** How often a run comes to an answer. */
export interface Chance {
  /** For each thing that is aimed at, the share of runs that name a setting. */
  readonly answers: readonly { readonly goal: Goal['kind']; readonly share: number }[];
  /** The share of runs that answer all of it. */
  readonly all: number;
}

const MEMORY: MetricId = 'memory.anon';
const COST: MetricId = 'cpu.per_request';

/** Simulated runs for each number of blocks: a share is then known to some 3 %. */
const RUNS = 300;
/** More blocks than this nobody waits for. */
const MOST_BLOCKS = 400;
/** Variance of the signed-rank estimate of normal values ÷ that of their mean, for large n. */
const INEFFICIENCY = Math.PI / 3;

/**
 * How often a run is answered by its rule, where trials scatter so and the collector costs anything that is usual: draws
 * runs with a truth of their own (memory grows with GOGC, the collector's CPU falls with it) and puts each to the rule.
 * Drawn are estimates and intervals, not blocks, so that it takes no time. Seeded; the same call gives the same answer.
 */
export function chanceOfAnswer(run: PlannedRun, scatter: PairScatter, wishes: Wishes = NO_WISHES): Chance {
  const rules = rulesOf(wishes);
  const answered = rules.map(() => 0);
  let all = 0;
  const width = widthOf(run);
  for (let i = 0; i < RUNS; i++) {
    const workloads = drawRun(run, width, scatter, seededStream(0, 'chance', i));
    const told = rules.map((rule) => isAnswered(run, workloads, rule));
    told.forEach((yes, j) => {
      if (yes) answered[j] = (answered[j] ?? 0) + 1;
    });
    if (told.every(Boolean)) all++;
  }
  return {
    answers: rules.map(({ goal }, i) => ({ goal: goal.kind, share: (answered[i] ?? 0) / RUNS })),
    all: all / RUNS,
  };
}

/** The least number of blocks with which so many runs answer all that is aimed at; undefined where none of up to 400 does. */
export function blocksForAnswer(
  run: Omit<PlannedRun, 'blocks'>,
  scatter: PairScatter,
  share: number,
  wishes: Wishes = NO_WISHES,
): number | undefined {
  const enough = (blocks: number): boolean => chanceOfAnswer({ ...run, blocks }, scatter, wishes).all >= share;
  if (!enough(MOST_BLOCKS)) return undefined;
  let [few, many] = [1, MOST_BLOCKS];
  while (many - few > 1) {
    const middle = Math.floor(Math.sqrt(few * many));
    const next = middle <= few ? few + 1 : middle;
    if (enough(next)) many = next;
    else few = next;
  }
  return many;
}

function isAnswered({ confidence }: PlannedRun, workloads: readonly WorkloadAnalysis[], rule: Rule): boolean {
  const experiment = { confidence };
  // How many blocks would settle it is not asked here.
  const settings: readonly SettingVerdict[] = settingVerdicts(experiment, workloads, rule, () => null);
  return 'setting' in choose(settings, rule, confidence);
}

/** A run of a truth that is drawn, too: every workload has the same, and its own noise. */
function drawRun(
  run: PlannedRun,
  width: Width | undefined,
  scatter: PairScatter,
  stream: RandomStream,
): readonly WorkloadAnalysis[] {
  const [least, most] = GC_SHARES;
  const share = least * (most / least) ** stream.next();
  const truth = (gogc: number): readonly [memory: number, cpu: number] => {
    const g = gogc / 100;
    return [RESIDENT + g, 1 + share / g];
  };
  const base = truth(run.baseline);
  const levels = run.levels.filter((gogc) => gogc !== run.baseline);
  const drawn = Array.from({ length: run.workloads }, () => {
    const baseNoise = [gaussian(stream), gaussian(stream)] as const;
    return levels.flatMap((gogc) =>
      truth(gogc).map((value, axis) => {
        const sd = axis === 0 ? scatter.memory : scatter.cpu;
        // Both trials of a pair scatter; the baseline's is common to all levels.
        const noise = (gaussian(stream) - (baseNoise[axis] as number)) / Math.SQRT2;
        const metric = axis === 0 ? MEMORY : COST;
        return { gogc, metric, ...drawRatio(run.blocks, width, value / (base[axis] as number), sd, noise, stream) };
      }),
    );
  });
  // Holm's correction of Student's p stands in for max-T, which takes longer: a little stricter.
  const adjusted = holm(drawn.flat().map(({ p }) => p));
  const smallest = 2 / 2 ** run.blocks;
  return drawn.map((own, i) => ({
    workload: String(i + 1),
    description: '',
    unit: 'request',
    cells: [run.baseline, ...levels].map((gogc) => cellOf(gogc, run, String(i + 1))),
    axes: { memory: MEMORY, cost: COST, latency: undefined },
    contrasts: own.map((one, j) => contrastOf(run, one, Math.max(smallest, adjusted[i * own.length + j] ?? 1))),
    noise: [],
  }));
}

/** What an estimate of so many blocks is off by and how wide its interval is, for a scatter of 1; undefined without an interval. */
interface Width {
  readonly error: number;
  readonly half: number;
  readonly confidence: number;
}

function widthOf({ blocks: n, confidence: asked }: PlannedRun): Width | undefined {
  const rank = walshRank(Math.min(n, MOST_RANKED), asked);
  if (rank === undefined) return undefined;
  const confidence = n > MOST_RANKED ? asked : rank.confidence;
  const error = Math.sqrt(INEFFICIENCY / n);
  return { error, half: studentQuantile(1 - (1 - confidence) / 2, n - 1) * error, confidence };
}

/** Beyond so many blocks the attained confidence is the asked one to a tenth of a per cent. */
const MOST_RANKED = 40;

/** The ratio that so many blocks estimate, with the interval of the scatter that they happen to have, and its p. */
function drawRatio(
  n: number,
  width: Width | undefined,
  truth: number,
  sd: number,
  noise: number,
  stream: RandomStream,
): { readonly ratio: Estimate; readonly p: number } {
  const shift = Math.log(truth) + noise * sd * (width?.error ?? 0);
  const base = { value: Math.exp(shift), method: '', n, warnings: [] };
  if (width === undefined) return { ratio: { ...base, low: null, high: null, confidence: null }, p: 1 };
  // A variance of n − 1 degrees of freedom (Wilson and Hilferty, PNAS 17, 1931).
  const spread = 2 / (9 * (n - 1));
  const variance = Math.max(0, 1 - spread + Math.sqrt(spread) * gaussian(stream)) ** 3;
  const seen = sd * Math.sqrt(variance);
  const half = seen * width.half;
  return {
    ratio: { ...base, low: Math.exp(shift - half), high: Math.exp(shift + half), confidence: width.confidence },
    p: Math.min(1, 2 * studentCdf(-Math.abs(shift) / (seen * width.error), n - 1)),
  };
}

function contrastOf(
  { baseline, confidence }: PlannedRun,
  { gogc, metric, ratio, p }: { gogc: number; metric: MetricId; ratio: Estimate; p: number },
  adjustedP: number,
): Contrast {
  const end = (value: number | null): number | null => (value === null ? null : value - 1);
  // In units of the baseline's.
  const difference = { ...ratio, value: ratio.value - 1, low: end(ratio.low), high: end(ratio.high) };
  return {
    cell: String(gogc),
    baseline: String(baseline),
    metric,
    kind: 'level',
    primary: true,
    family: 'primary',
    difference,
    ratio,
    p,
    adjustedP,
    verdict: verdictOf({ ratio, difference, adjustedP, from: 1 }, 'lower', { confidence, matters: 0 }),
  };
}

function cellOf(gogc: number, { baseline, blocks }: PlannedRun, workload: string): CellAnalysis {
  const value = [{ trial: '', block: 1, value: 1 }];
  return {
    id: String(gogc),
    levels: { gogc: gogc satisfies Gogc, gomemlimit: 'off', workload },
    role: 'level',
    baseline: gogc === baseline,
    label: String(gogc),
    valid: blocks,
    attempted: blocks,
    outcomes: { completed: blocks },
    shortfall: undefined,
    estimates: {},
    values: { [MEMORY]: value, [COST]: value },
    courses: [],
    composition: undefined,
    latency: [],
    warnings: [],
  };
}
