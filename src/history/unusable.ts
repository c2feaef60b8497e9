import type { MetricId } from '../metrics/metrics.ts';
import { courseOf, oddNights } from './course.ts';
import type { GateFloors } from './gate-floors.ts';
import type { Night } from './night.ts';
import { seriesOf } from './series.ts';

/** The chance that a night is called unusable though its canary did not move. */
const MOVED_LEVEL = 0.01;

/** How far a canary was off its own level in a night, as a share of that level. */
export interface CanaryMove {
  readonly cell: string;
  readonly metric: MetricId;
  readonly change: number;
}

/**
 * The nights whose canary moved, by run, with the farthest move of each: a machine that was another one that night. A lasting
 * change of the machine gives the canary a new level after three nights, and nights are usable again.
 */
export function unusableNights(nights: readonly Night[], floors: GateFloors): ReadonlyMap<string, CanaryMove> {
  const canaries = seriesOf(nights, new Set(floors.keys())).filter(({ canary }) => canary);
  const moved = new Map<string, CanaryMove>();
  for (const { cell, metric, points } of canaries) {
    const course = courseOf(
      points.map(({ log }) => log),
      `canary ${cell} ${metric}`,
    );
    const levels = course.stretches.flatMap((stretch) => stretch.map((value) => offRest(value, stretch)));
    for (const [index, p] of oddNights(course).entries()) {
      const change = Math.expm1(levels[index] ?? 0);
      const run = points[index]?.night.run ?? '';
      if (p > MOVED_LEVEL / canaries.length || Math.abs(change) < (floors.get(metric) ?? 0)) continue;
      if (Math.abs(moved.get(run)?.change ?? 0) < Math.abs(change)) moved.set(run, { cell, metric, change });
    }
  }
  return moved;
}

function offRest(value: number, stretch: readonly number[]): number {
  const sum = stretch.reduce((all, one) => all + one, 0);
  return stretch.length < 2 ? 0 : value - (sum - value) / (stretch.length - 1);
}
