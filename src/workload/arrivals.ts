import type { HttpWorkload, Rate } from '../experiment/experiment.ts';
import type { RandomStream } from '../statistics/random.ts';

/** A stretch of a rate's period during which it does not change. */
interface Stretch {
  readonly startSeconds: number;
  readonly forSeconds: number;
  readonly perSecond: number;
  /** Arrivals expected between the start of the period and the start of this stretch. */
  readonly before: number;
}

/** A rate as what it repeats. A constant rate is one endless stretch. */
interface Period {
  readonly stretches: readonly Stretch[];
  readonly forSeconds: number;
  /** Arrivals expected in one period. */
  readonly arrivals: number;
}

/**
 * The open-loop arrival clock: the times, in seconds from the start, at which requests fall due, for ever (or, where
 * the rate is zero for ever, none). It looks at nothing but its arguments, so the target's answers cannot slow it.
 *
 * Both kinds are the points of a process of rate one, mapped through the inverse of the cumulative rate (time change;
 * Çinlar 1975, ch. 4): `uniform` maps the whole numbers, so that n requests are due by the time the cumulative rate
 * reaches n; `poisson` maps a Poisson process of rate one, which gives an exact Poisson process of the given rate,
 * through every step of it.
 */
export function* arrivalTimes(
  rate: Rate,
  arrivals: HttpWorkload['arrivals'],
  random: RandomStream,
): Generator<number, void, undefined> {
  const period = periodOf(rate);
  if (period.arrivals === 0) return;
  let point = 0;
  let latest = 0;
  for (;;) {
    point += arrivals === 'uniform' ? 1 : random.exponential(1);
    // Rounding must not let a time at the edge of two stretches lie before its predecessor.
    latest = Math.max(latest, timeOf(period, point));
    yield latest;
  }
}

/** The number of arrivals expected in the first `seconds`: the integral of the rate. */
export function expectedArrivals(rate: Rate, seconds: number): number {
  const period = periodOf(rate);
  const whole = Number.isFinite(period.forSeconds) ? Math.floor(seconds / period.forSeconds) : 0;
  const rest = whole === 0 ? seconds : seconds - whole * period.forSeconds;
  const stretch = period.stretches.findLast((candidate) => candidate.startSeconds <= rest);
  if (stretch === undefined) return 0;
  return (
    (whole === 0 ? 0 : whole * period.arrivals) + stretch.before + (rest - stretch.startSeconds) * stretch.perSecond
  );
}

/** The time at which the cumulative rate reaches `point`. */
function timeOf(period: Period, point: number): number {
  const whole = Number.isFinite(period.arrivals) ? Math.max(0, Math.ceil(point / period.arrivals) - 1) : 0;
  const rest = whole === 0 ? point : point - whole * period.arrivals;
  const stretch = period.stretches.findLast((candidate) => candidate.perSecond > 0 && candidate.before < rest);
  // Only rounding leaves a rest of nothing: the point is then at the very start of its period's load.
  const found = stretch ?? period.stretches.find((candidate) => candidate.perSecond > 0);
  if (found === undefined) return Number.POSITIVE_INFINITY;
  const offset = found.startSeconds + Math.max(0, rest - found.before) / found.perSecond;
  return whole === 0 ? offset : whole * period.forSeconds + offset;
}

function periodOf(rate: Rate): Period {
  const stretches: Stretch[] = [];
  let startSeconds = 0;
  let before = 0;
  for (const { perSecond, forSeconds } of stepsOf(rate)) {
    if (forSeconds <= 0) continue;
    stretches.push({ startSeconds, forSeconds, perSecond, before });
    startSeconds += forSeconds;
    before += perSecond === 0 ? 0 : perSecond * forSeconds;
  }
  return { stretches, forSeconds: startSeconds, arrivals: before };
}

/** The steps that a rate repeats. A burst ends its period, so that load begins at the base rate. */
function stepsOf(rate: Rate): readonly { readonly perSecond: number; readonly forSeconds: number }[] {
  switch (rate.kind) {
    case 'constant':
      return [{ perSecond: rate.perSecond, forSeconds: Number.POSITIVE_INFINITY }];
    case 'bursty':
      return [
        { perSecond: rate.basePerSecond, forSeconds: rate.everySeconds - rate.forSeconds },
        { perSecond: rate.peakPerSecond, forSeconds: rate.forSeconds },
      ];
    case 'stepped':
      return rate.steps;
  }
}
