import type { RandomStream } from './random.ts';

/**
 * Draws n of n places with replacement, again and again, and hands each resample on as places from 0: the one resampler of
 * everything that is bootstrapped. The array is the same each time, with other draws.
 */
export function resample(
  n: number,
  resamples: number,
  stream: RandomStream,
  take: (drawn: Uint32Array, resample: number) => void,
): void {
  const drawn = new Uint32Array(n);
  for (let b = 0; b < resamples; b++) {
    stream.indices(drawn, n);
    take(drawn, b);
  }
}
