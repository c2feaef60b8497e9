import { gaussian } from '../statistics/gaussian.ts';
import type { RandomStream } from '../statistics/random.ts';

/** A factor whose logarithm is normal with this standard deviation: its median is 1. Exactly 1 without spread. */
export function factorDraw(stream: RandomStream, spread: number): number {
  return Math.exp(spread * gaussian(stream));
}
