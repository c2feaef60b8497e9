import type { Spiral, TraceSpan } from './gctrace-document.ts';

/** A cycle is under way for so much of the time: the next one begins when one has hardly ended. */
const BACK_TO_BACK = 0.6;
/** So many of the cycles have a goal that is hardly above what was live. */
const MOSTLY = 0.5;
/** Less than so many cycles, and less than so much of the time that a log covers, come from a start or a burst. */
const LEAST_CYCLES = 5;
const LEAST_SECONDS = 1;
const LEAST_SHARE = 0.1;

/**
 * Whether there are stretches in which a process collects and does little else: cycles back to back, and, in a death
 * spiral, a goal that is no longer above the live heap, as where a memory limit leaves no room. The CPU that it takes says
 * less: marking in idle time is apart from it, and from half of the CPUs on the runtime limits it (runtime/mgclimit.go).
 */
export function spiralOf(spans: readonly TraceSpan[]): Spiral {
  const covered = spans.reduce((sum, span) => sum + lengthOf(span), 0);
  const busy = spans.filter((span) => lengthOf(span) > 0 && span.runningSeconds >= BACK_TO_BACK * lengthOf(span));
  const spiral = busy.filter(({ tight, judged }) => judged > 0 && tight >= MOSTLY * judged);
  const lasts = (some: readonly TraceSpan[]): boolean =>
    some.reduce((sum, { judged }) => sum + judged, 0) >= LEAST_CYCLES &&
    sumOf(some, lengthOf) >= Math.min(LEAST_SECONDS, LEAST_SHARE * covered);
  if (lasts(spiral)) return stretch('spiral', spiral);
  return lasts(busy) ? stretch('busy', busy) : stretch('none', []);
}

function stretch(kind: Spiral['kind'], spans: readonly TraceSpan[]): Spiral {
  const seconds = sumOf(spans, lengthOf);
  const capacity = sumOf(spans, ({ capacitySeconds }) => capacitySeconds);
  const of = (amount: (span: TraceSpan) => number, whole: number): number =>
    whole > 0 ? sumOf(spans, amount) / whole : 0;
  return {
    kind,
    seconds,
    fromSeconds: spans[0]?.fromSeconds ?? 0,
    toSeconds: spans.at(-1)?.toSeconds ?? 0,
    share: of(({ gcSeconds }) => gcSeconds, capacity),
    idleShare: of(({ idleSeconds }) => idleSeconds, capacity),
    running: of(({ runningSeconds }) => runningSeconds, seconds),
  };
}

function lengthOf({ fromSeconds, toSeconds }: TraceSpan): number {
  return toSeconds - fromSeconds;
}

function sumOf(spans: readonly TraceSpan[], amount: (span: TraceSpan) => number): number {
  return spans.reduce((sum, span) => sum + amount(span), 0);
}
