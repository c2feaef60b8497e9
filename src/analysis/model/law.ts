import { counted } from '../../text/words.ts';
import type { Experiment } from '../../experiment/experiment.ts';
import type { MetricId } from '../../metrics/metrics.ts';
import { median } from '../../statistics/descriptive.ts';
import type { Estimate } from '../../statistics/estimate.ts';
import { hodgesLehmann } from '../../statistics/hodges-lehmann.ts';
import type { LinePoint } from '../../statistics/weighted-line.ts';
import { predictionHalfWidth, weightedLine } from '../../statistics/weighted-line.ts';
import type { CellAnalysis } from '../analysis.ts';
import { completeBlocks } from '../inference/complete-blocks.ts';
import { lawExclusion } from './exclusion.ts';
import { lawValue, regressor } from './law-value.ts';
import type { Exclusion, Law, LawCell, Prediction } from './model-analysis.ts';
import { unrunLevels } from './unrun-levels.ts';

/** How a prediction says that it was made. */
export const PREDICTION_METHOD = 'law fitted to the levels, Student’s t on the residuals';
/** A level nearer to the law than this may differ surely, but tells an operator nothing. */
const LEAST_BREAK = 0.05;
/** A straight line goes through two points whatever they are. */
const LEAST_LEVELS = 3;

/**
 * The law of one metric over the levels of one workload. Each block gives a line by least squares relative to the cells'
 * medians (an error is in proportion to what is measured); the coefficients are the Hodges–Lehmann locations of these,
 * and a prediction's interval comes from the scatter of the levels' medians around the law, which holds both noise and
 * what the law leaves out. Undefined with fewer than two levels that it can be fitted to.
 */
export function lawOf(
  experiment: Pick<Experiment, 'baseline' | 'confidence' | 'phases'>,
  levels: readonly CellAnalysis[],
  kind: Law['kind'],
  metric: MetricId,
): Law | undefined {
  const { confidence } = experiment;
  const mostValid = Math.max(...levels.map(({ valid }) => valid));
  const cells = levels.flatMap((cell) => {
    const measured = cell.estimates[metric]?.value;
    return measured === undefined ? [] : [{ cell, measured, excluded: lawExclusion(experiment, cell, mostValid) }];
  });
  const fitted = cells.flatMap(({ cell, excluded }) => (excluded === undefined ? [cell] : []));
  const whole = fit(kind, metric, fitted, confidence);
  if (whole === undefined) return undefined;
  return {
    kind,
    metric,
    intercept: whole.intercept,
    slope: whole.slope,
    cells: cells.map(({ cell, measured, excluded }): LawCell => {
      const known = { cell: cell.id, label: cell.label, gogc: cell.levels.gogc, measured };
      return excluded === undefined
        ? { ...known, ...leftOut(kind, metric, fitted, cell, measured, confidence) }
        : { ...known, excluded };
    }),
    predictions: predictionsOf(whole, cells, experiment, kind),
  };
}

/** A level with figures, and why the law is not fitted to it. */
interface Tried {
  readonly cell: CellAnalysis;
  readonly excluded: Exclusion | undefined;
}

/** What rules the heap from some level of GOGC on. */
const OTHER_RULE: readonly Exclusion['code'][] = ['minimum-heap', 'memory-limit', 'forced-cycles'];

/** A law as fitted: its coefficients, and the medians that scatter around it. */
interface Fit {
  readonly intercept: Estimate;
  readonly slope: Estimate;
  readonly points: readonly LinePoint[];
}

function fit(kind: Law['kind'], metric: MetricId, cells: readonly CellAnalysis[], confidence: number): Fit | undefined {
  const blocks = completeBlocks(cells, [metric]).map((block) => block.map(([value]) => value as number));
  const xs = cells.map(({ levels }) => regressor(kind, levels.gogc as number));
  const medians = xs.map((_, i) => median(blocks.map((block) => block[i] as number)));
  if (blocks.length === 0 || medians.some((value) => !(value > 0))) return undefined;
  const weights = medians.map((value) => 1 / value ** 2);
  const pointsOf = (ys: readonly number[]): LinePoint[] =>
    xs.map((x, i) => ({ x, y: ys[i] as number, weight: weights[i] as number }));
  const lines = blocks.flatMap((block) => weightedLine(pointsOf(block)) ?? []);
  if (lines.length === 0) return undefined;
  const intercept = hodgesLehmann(
    lines.map((line) => line.intercept),
    confidence,
  );
  const slope = hodgesLehmann(
    lines.map((line) => line.slope),
    confidence,
  );
  return { intercept, slope, points: pointsOf(medians) };
}

/** What the law says of a level, with the interval of what would be measured there. */
function predicted({ intercept, slope, points }: Fit, kind: Law['kind'], gogc: number, confidence: number): Estimate {
  const x = regressor(kind, gogc);
  const value = lawValue({ kind, intercept, slope }, gogc);
  const half = predictionHalfWidth(points, { x, weight: 1 / value ** 2 }, confidence);
  const base = { value, method: PREDICTION_METHOD, n: points.length };
  if (half === undefined) {
    const why = `interval not attainable with ${counted(points.length, 'level')}, needs ${LEAST_LEVELS}`;
    return { ...base, low: null, high: null, confidence: null, warnings: [why] };
  }
  // Neither memory nor CPU can be negative.
  return { ...base, low: Math.max(0, value - half), high: value + half, confidence, warnings: [] };
}

function leftOut(
  kind: Law['kind'],
  metric: MetricId,
  fitted: readonly CellAnalysis[],
  cell: CellAnalysis,
  measured: number,
  confidence: number,
): Pick<LawCell, 'leftOut' | 'inside' | 'breaks'> {
  const others = fitted.filter((one) => one !== cell);
  const rest = others.length < LEAST_LEVELS ? undefined : fit(kind, metric, others, confidence);
  if (rest === undefined) return {};
  const gogc = cell.levels.gogc as number;
  const estimate = predicted(rest, kind, gogc, confidence);
  const wide = predicted(rest, kind, gogc, 1 - (1 - confidence) / fitted.length);
  const telling = Math.abs(measured / estimate.value - 1) > LEAST_BREAK;
  return { leftOut: estimate, inside: within(measured, estimate), breaks: telling && !within(measured, wide) };
}

function within(value: number, { low, high }: Estimate): boolean {
  return low !== null && high !== null && low <= value && value <= high;
}

/**
 * Levels beside those that were run. From a level on at which something else than GOGC rules the heap, the law says
 * nothing; and nothing is foretold of which no interval can be told.
 */
function predictionsOf(
  whole: Fit,
  run: readonly Tried[],
  { baseline, confidence }: Pick<Experiment, 'baseline' | 'confidence'>,
  kind: Law['kind'],
): readonly Prediction[] {
  const levels = run.flatMap(({ cell: { levels: own }, excluded }) =>
    own.gogc === 'off' || own.gogc === 0 || own.gomemlimit !== baseline.gomemlimit
      ? []
      : [{ gogc: own.gogc, ruled: excluded !== undefined && OTHER_RULE.includes(excluded.code) }],
  );
  const end = Math.min(...levels.flatMap(({ gogc, ruled }) => (ruled ? [gogc] : [])));
  return unrunLevels(levels.map(({ gogc }) => gogc))
    .filter(({ gogc }) => gogc < end)
    .map(({ gogc, extrapolated }) => ({ gogc, estimate: predicted(whole, kind, gogc, confidence), extrapolated }))
    .filter(({ estimate }) => estimate.low !== null);
}
