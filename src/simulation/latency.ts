import { MARKING_SHARE } from '../go/pacer.ts';
import type { SimulatedTarget } from '../experiment/experiment.ts';
import { normalCdf, normalQuantile } from '../statistics/normal.ts';
import type { RandomStream } from '../statistics/random.ts';
import { gaussian } from '../statistics/gaussian.ts';

/** How much wider the logarithms of service times scatter while marking: assists and pauses hit some requests hard. */
const MARKING_TAIL = 2;

/** The distribution of latencies in one process: a mixture of two log-normal ones. */
export interface LatencyMixture {
  /** Median seconds while no cycle is under way. */
  readonly medianSeconds: number;
  readonly spread: number;
  /** The share of requests that are served while a cycle marks; those take 4/3 as long. */
  readonly marking: number;
}

/** The mixture of a process whose collector uses so many cores; `slowness` is a factor on every CPU time. */
export function latencyMixture(
  model: SimulatedTarget,
  gcCores: number,
  gomaxprocs: number,
  slowness: number,
): LatencyMixture {
  return {
    medianSeconds: model.cpuPerRequestSeconds * slowness,
    spread: model.latencySpread,
    marking: Math.min(1, gcCores / (MARKING_SHARE * gomaxprocs)),
  };
}

/** The latency in seconds that this share of requests stays within. */
export function latencyQuantile(mixture: LatencyMixture, share: number): number {
  let [low, high] = [-20, 20];
  for (let step = 0; step < 80; step++) {
    const middle = (low + high) / 2;
    if (shareWithin(mixture, middle) < share) low = middle;
    else high = middle;
  }
  return mixture.medianSeconds * Math.exp(high);
}

/** Draws the latencies of so many requests, seconds. Without a stream the requests stand evenly over the distribution. */
export function* latencies(mixture: LatencyMixture, count: number, stream?: RandomStream): Generator<number> {
  const marked = Math.round(mixture.marking * count);
  for (let i = 0; i < count; i++) {
    const marking = stream === undefined ? i < marked : stream.next() < mixture.marking;
    const [from, of] = marking ? [0, marked] : [marked, count - marked];
    const deviate = stream === undefined ? normalQuantile((i - from + 0.5) / of) : gaussian(stream);
    yield mixture.medianSeconds * Math.exp(shiftOf(marking) + spreadOf(mixture, marking) * deviate);
  }
}

function shareWithin(mixture: LatencyMixture, logarithm: number): number {
  const part = (marking: boolean): number => {
    const spread = spreadOf(mixture, marking);
    const distance = logarithm - shiftOf(marking);
    return spread === 0 ? Number(distance >= 0) : normalCdf(distance / spread);
  };
  return (1 - mixture.marking) * part(false) + mixture.marking * part(true);
}

function shiftOf(marking: boolean): number {
  return marking ? -Math.log(1 - MARKING_SHARE) : 0;
}

function spreadOf({ spread }: LatencyMixture, marking: boolean): number {
  return marking ? spread * MARKING_TAIL : spread;
}
