import type { Estimate } from './estimate.ts';
import { assertConfidence, assertSample } from './least-n.ts';
import { studentQuantile } from './student.ts';

/** How `courseTrend` says that it was made. */
const TREND_METHOD = 'least squares, low-frequency and AR(1) standard errors';
/** Curves slower than which nothing in the series is taken for the trend's error: so many, and so many degrees of freedom. */
const SLOW_CURVES = 3;
/** Fewer readings than this do not tell a trend from chance. */
export const LEAST_READINGS = 8;
/** More readings than this are first averaged in spans of equal length: the sums below are quadratic. */
const MOST_READINGS = 240;
/** A series that remembers more than this of each reading is taken to remember this much. */
const MOST_MEMORY = 0.99;

/** The trend of a series of readings in time. */
export interface CourseTrend extends Estimate {
  /** Standard error of the slope, in units of y for each unit of x. */
  readonly standardError: number;
}

/**
 * The slope of the least-squares line through readings of one process, in units of y for each unit of x, with an interval
 * that knows that neighbours are alike. Its standard error is the larger of two: what the slowest curves that are no
 * line (orthogonal polynomials of degree 2 to 4) take of the series, which is Student's t with three degrees of freedom
 * whatever the autocorrelation is at higher frequencies (Müller and Watson, Econometrica 76(5), 2008; Lazarus, Lewis,
 * Stock and Watson, JBES 36(4), 2018), and that of AR(1) noise, with the bias that its estimate has in short series put
 * right (Marriott and Pope, Biometrika 41, 1954). x must ascend. Without an interval for fewer than eight readings.
 */
export function courseTrend(xs: readonly number[], ys: readonly number[], confidence: number): CourseTrend {
  assertConfidence(confidence);
  assertSample(xs);
  assertSample(ys);
  if (xs.length !== ys.length) throw new RangeError(`${xs.length} x do not go with ${ys.length} y`);
  const [x, y] = binned(xs, ys);
  const first = x[0] as number;
  const span = (x.at(-1) as number) - first;
  if (!(span > 0)) throw new RangeError('a slope needs two different x');
  const curves = orthonormalCurves(
    x.map((each) => (each - first) / span),
    1 + (x.length < LEAST_READINGS ? 0 : SLOW_CURVES),
  );
  const line = curves[1] as Float64Array;
  const run = x.reduce((sum, each, i) => sum + each * (line[i] as number), 0);
  const along = (curve: Float64Array): number => y.reduce((sum, each, i) => sum + each * (curve[i] as number), 0);
  const coefficient = along(line);
  const base = { value: coefficient / run, method: TREND_METHOD, n: xs.length };
  if (x.length < LEAST_READINGS) {
    const why = `interval not attainable with n = ${xs.length}, needs ${LEAST_READINGS}`;
    return { ...base, standardError: Infinity, low: null, high: null, confidence: null, warnings: [why] };
  }
  const level = along(curves[0] as Float64Array);
  const residuals = Float64Array.from(
    y,
    (each, i) => each - level * ((curves[0] as Float64Array)[i] as number) - coefficient * (line[i] as number),
  );
  const slow = curves.slice(2).reduce((sum, curve) => sum + along(curve) ** 2, 0) / SLOW_CURVES;
  const variance = Math.max(slow, firstOrderVariance(residuals, curves.slice(0, 2)));
  const standardError = Math.sqrt(variance) / Math.abs(run);
  const reach = -studentQuantile((1 - confidence) / 2, SLOW_CURVES) * standardError;
  return { ...base, standardError, low: base.value - reach, high: base.value + reach, confidence, warnings: [] };
}

/** Means over spans of equal length, where there are too many readings; else the readings. */
function binned(xs: readonly number[], ys: readonly number[]): readonly [readonly number[], readonly number[]] {
  if (xs.length <= MOST_READINGS) return [xs, ys];
  const first = xs[0] as number;
  const width = ((xs.at(-1) as number) - first) / MOST_READINGS;
  const bins = Array.from({ length: MOST_READINGS }, () => ({ x: 0, y: 0, n: 0 }));
  xs.forEach((x, i) => {
    const bin = bins[Math.min(MOST_READINGS - 1, Math.floor((x - first) / width))];
    if (bin === undefined) return;
    bin.x += x;
    bin.y += ys[i] as number;
    bin.n += 1;
  });
  const full = bins.filter(({ n }) => n > 0);
  return [full.map(({ x, n }) => x / n), full.map(({ y, n }) => y / n)];
}

/** Polynomials of degree 0 to `degree` at these x, each of length 1 and at right angles to all before it (Gram and Schmidt, twice). */
function orthonormalCurves(xs: readonly number[], degree: number): readonly Float64Array[] {
  const curves: Float64Array[] = [];
  for (let power = 0; power <= degree; power++) {
    // The one before times x spans the same as a plain power, and keeps more digits.
    const before = curves.at(-1);
    const curve = Float64Array.from(xs, (x, i) => (before === undefined ? 1 : (before[i] as number) * (2 * x - 1)));
    for (let round = 0; round < 2; round++) {
      for (const other of curves) {
        const shared = dot(curve, other);
        for (let i = 0; i < curve.length; i++) curve[i] = (curve[i] as number) - shared * (other[i] as number);
      }
    }
    const length = Math.sqrt(dot(curve, curve));
    curves.push(curve.map((each) => each / length));
  }
  return curves;
}

/** The variance of the line's coefficient where what is left beside the line is AR(1) noise of equal distances. */
function firstOrderVariance(residuals: Float64Array, [constant, line]: readonly Float64Array[]): number {
  const n = residuals.length;
  const squares = dot(residuals, residuals);
  if (squares === 0 || constant === undefined || line === undefined) return 0;
  const found = lagged(residuals, 1) / squares;
  // A line that was fitted takes (2 + 4φ) ÷ n of what the noise remembers.
  const memory = Math.min(MOST_MEMORY, Math.max(0, found + (2 + 4 * found) / n));
  const along = (curve: Float64Array): number => {
    let sum = dot(curve, curve);
    for (let lag = 1, share = memory; lag < n; lag++, share *= memory) sum += 2 * share * lagged(curve, lag);
    return sum;
  };
  const [alongConstant, alongLine] = [along(constant), along(line)];
  // What the fitted constant and line have taken out of the residuals.
  const left = Math.max(1e-9, n - alongConstant - alongLine);
  return (squares / left) * alongLine;
}

/** Σ aᵢ·aᵢ₊ₗ. */
function lagged(values: Float64Array, lag: number): number {
  let sum = 0;
  for (let i = 0; i + lag < values.length; i++) sum += (values[i] as number) * (values[i + lag] as number);
  return sum;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}
