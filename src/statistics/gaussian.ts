import { normalQuantile } from '../../src/statistics/normal.ts';
import type { RandomStream } from '../../src/statistics/random.ts';

/** A draw from the standard normal distribution. */
export function gaussian(stream: RandomStream): number {
  return normalQuantile((stream.next() + 1e-12) / (1 + 2e-12));
}
