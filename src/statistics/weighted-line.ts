import { assertConfidence } from './least-n.ts';
import { studentQuantile } from './student.ts';

/** One observation that a line is fitted to; the variance of its error is proportional to 1 ÷ weight. */
export interface LinePoint {
  readonly x: number;
  readonly y: number;
  readonly weight: number;
}

/** The line y = intercept + slope · x. */
export interface Line {
  readonly intercept: number;
  readonly slope: number;
}

/** The line of weighted least squares (Draper and Smith 1998, §9.2); undefined where the points do not have two different x. */
export function weightedLine(points: readonly LinePoint[]): Line | undefined {
  // Before any arithmetic: the weighted mean of one x may differ from it by rounding, and the line would be made of that.
  if (new Set(points.map(({ x }) => x)).size < 2) return undefined;
  const { total, meanX, meanY, spread } = moments(points);
  if (!(total > 0) || !(spread > 0)) return undefined;
  const slope = points.reduce((sum, { x, y, weight }) => sum + weight * (x - meanX) * (y - meanY), 0) / spread;
  return { intercept: meanY - slope * meanX, slope };
}

/**
 * Half of the interval in which a further observation at x, of this weight, lies with the given confidence: Student's t
 * with n − 2 degrees of freedom over the scatter of the points around the line, whatever that scatter comes from
 * (Draper and Smith 1998, §3.1 and §9.2). Undefined under 3 points.
 */
export function predictionHalfWidth(
  points: readonly LinePoint[],
  at: Pick<LinePoint, 'x' | 'weight'>,
  confidence: number,
): number | undefined {
  assertConfidence(confidence);
  const degrees = points.length - 2;
  const line = weightedLine(points);
  if (degrees < 1 || line === undefined) return undefined;
  const { total, meanX, spread } = moments(points);
  const squares = points.reduce(
    (sum, { x, y, weight }) => sum + weight * (y - line.intercept - line.slope * x) ** 2,
    0,
  );
  const leverage = 1 / at.weight + 1 / total + (at.x - meanX) ** 2 / spread;
  return studentQuantile(1 - (1 - confidence) / 2, degrees) * Math.sqrt((squares / degrees) * leverage);
}

function moments(points: readonly LinePoint[]): { total: number; meanX: number; meanY: number; spread: number } {
  const total = points.reduce((sum, { weight }) => sum + weight, 0);
  const meanX = points.reduce((sum, { x, weight }) => sum + weight * x, 0) / total;
  const meanY = points.reduce((sum, { y, weight }) => sum + weight * y, 0) / total;
  const spread = points.reduce((sum, { x, weight }) => sum + weight * (x - meanX) ** 2, 0);
  return { total, meanX, meanY, spread };
}
