import { randomInt } from 'node:crypto';

/** A seed where none was given; it is kept with the run, and everything else that is random follows from it. */
export function newSeed(): number {
  return randomInt(2 ** 31);
}
