import type { SizeRange } from '../../experiment/experiment.ts';
import type { RandomStream } from '../../statistics/random.ts';

const poolBytes = 2 ** 20;

/** Bytes of a chunk of `add?chunker=size-262144`. */
const chunkBytes = 262_144;

const stampBytes = 16;

/** Where the bytes of one file come from: drawn at once, made only when they are sent. */
export interface Recipe {
  readonly bytes: number;
  readonly offset: number;
  readonly stamp: readonly [number, number, number, number];
}

/** Draws a recipe; sizes are spread evenly on a log scale. */
export function drawRecipe({ leastBytes, mostBytes }: SizeRange, random: RandomStream): Recipe {
  const bytes =
    leastBytes === mostBytes ? leastBytes : Math.round(leastBytes * (mostBytes / leastBytes) ** random.next());
  const word = (): number => random.int(2 ** 32);
  return { bytes, offset: random.int(poolBytes), stamp: [word(), word(), word(), word()] };
}

/**
 * Makes bytes that no compression or deduplication can save: slices of a pool of random bytes, with a stamp of 16 bytes
 * that never comes twice at the start of every chunk. It is many times faster than drawing every byte.
 */
export class Content {
  readonly #pool = Buffer.allocUnsafeSlow(poolBytes);

  constructor(random: RandomStream) {
    for (let at = 0; at < poolBytes; at += 4) this.#pool.writeUInt32LE(random.int(2 ** 32), at);
  }

  /** Writes the bytes of a recipe into a part of a buffer that is as long. */
  fill(target: Buffer, { bytes, offset, stamp }: Recipe): void {
    let at = this.#pool.copy(target, 0, offset, Math.min(poolBytes, offset + bytes));
    while (at < bytes) at += this.#pool.copy(target, at, 0, Math.min(poolBytes, bytes - at));
    const mark = Buffer.alloc(stampBytes);
    for (let start = 0; start < bytes; start += chunkBytes) {
      stamp.forEach((word, index) => mark.writeUInt32LE(word, index * 4));
      mark.writeUInt32LE((stamp[0] ^ (start / chunkBytes)) >>> 0, 0);
      mark.copy(target, start, 0, Math.min(stampBytes, bytes - start));
    }
  }

  /** The bytes of a recipe. */
  make(recipe: Recipe): Buffer {
    const bytes = Buffer.allocUnsafe(recipe.bytes);
    this.fill(bytes, recipe);
    return bytes;
  }
}
