/** A value at a time. */
export interface Point {
  /** Seconds. */
  readonly at: number;
  readonly value: number;
}

/** A span of time in seconds, ends included. */
export interface Span {
  readonly startSeconds: number;
  readonly endSeconds: number;
}

/**
 * The mean over time of a gauge that was read now and then: the area under straight lines between the readings
 * inside the span, with the first and the last held out to its ends, over its length. Irregular readings (jitter, a
 * late sample) so weigh as much as the time that they stand for. Points must be in the order of time; those outside
 * do not count. Undefined where none is inside.
 */
export function timeMean(points: readonly Point[], span: Span): number | undefined {
  const inside = within(points, span);
  const first = inside[0];
  const last = inside.at(-1);
  if (first === undefined || last === undefined) return undefined;
  let area = first.value * (first.at - span.startSeconds) + last.value * (span.endSeconds - last.at);
  for (let i = 1; i < inside.length; i++) {
    const from = inside[i - 1] as Point;
    const to = inside[i] as Point;
    area += ((from.value + to.value) / 2) * (to.at - from.at);
  }
  return meanOf(area, inside, span);
}

/** The mean over time of something that keeps its value until the next point (the live heap between two collections). */
export function heldMean(points: readonly Point[], span: Span): number | undefined {
  const inside = within(points, span);
  const first = inside[0];
  if (first === undefined) return undefined;
  let area = first.value * (first.at - span.startSeconds);
  inside.forEach((point, i) => {
    area += point.value * ((inside[i + 1]?.at ?? span.endSeconds) - point.at);
  });
  return meanOf(area, inside, span);
}

/** A counter's value at a time, on the straight line between the readings around it; undefined before the first or after the last. */
export function interpolate(points: readonly Point[], at: number): number | undefined {
  const next = firstWhere(points, (point) => point.at >= at);
  if (next === points.length) return undefined;
  const after = points[next] as Point;
  if (after.at === at) return after.value;
  const before = points[next - 1];
  if (before === undefined) return undefined;
  return before.value + ((after.value - before.value) * (at - before.at)) / (after.at - before.at);
}

/** What of a list in the order of time lies inside a span, its ends included. */
export function within<T extends { readonly at: number }>(points: readonly T[], span: Span): readonly T[] {
  const first = firstWhere(points, ({ at }) => at >= span.startSeconds);
  return points.slice(
    first,
    firstWhere(points, ({ at }) => at > span.endSeconds),
  );
}

/** The place of the first point of which something is true that is then true of all that follow; the length where it is of none. */
function firstWhere<T>(points: readonly T[], is: (point: T) => boolean): number {
  let [low, high] = [0, points.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (is(points[middle] as T)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function meanOf(area: number, inside: readonly Point[], span: Span): number {
  const first = (inside[0] as Point).value;
  // Exactly: else rounding makes trials differ that do not, and they would be ranked by it.
  if (inside.every(({ value }) => value === first)) return first;
  const length = span.endSeconds - span.startSeconds;
  // A span without length has no area: the plain mean is the limit.
  if (length <= 0) return inside.reduce((sum, point) => sum + point.value, 0) / inside.length;
  return area / length;
}
