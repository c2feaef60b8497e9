import { normalQuantile } from '../statistics/normal.ts';
import type { RandomStream } from '../statistics/random.ts';

/** A standard normal draw by inversion. */
export function normalDraw(stream: RandomStream): number {
  return normalQuantile(Math.min(1 - 1e-12, Math.max(1e-12, stream.next())));
}

/** A factor whose logarithm is normal with this standard deviation: its median is 1. Exactly 1 without spread. */
export function factorDraw(stream: RandomStream, spread: number): number {
  return Math.exp(spread * normalDraw(stream));
}
