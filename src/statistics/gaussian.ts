import { normalQuantile } from './normal.ts';
import type { RandomStream } from './random.ts';

/** A draw from the standard normal distribution. */
export function gaussian(stream: RandomStream): number {
  return normalQuantile((stream.next() + 1e-12) / (1 + 2e-12));
}
