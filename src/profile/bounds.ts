import { ProfileFault } from './profile-fault.ts';

/** More samples, places, functions or texts than this no program has; it bounds the memory that a lie can take. */
export const MAX_PARTS = 2 ** 19;
/** Frames of all stacks together, with inlined ones: bounds the time, since short references can stand for long stacks. */
export const MAX_FRAMES = 2 ** 24;
/** Calls in one stack; Go keeps 128. */
export const MAX_DEPTH = 2 ** 16;
/** Bytes of a function's name that are kept. */
export const MAX_NAME = 4096;

/** A number as it was read, which must be one that a double holds exactly. Throws ProfileFault. */
export function exact(value: number, position?: number): number {
  if (!Number.isSafeInteger(value)) throw new ProfileFault('a number is greater than any measured quantity', position);
  return value;
}

/** Gives every name one index. */
export class Names {
  readonly list: string[] = [];
  readonly #indexes = new Map<string, number>();

  index(name: string): number {
    const known = this.#indexes.get(name);
    if (known !== undefined) return known;
    this.#indexes.set(name, this.list.length);
    return this.list.push(name) - 1;
  }
}
