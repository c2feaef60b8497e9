import { createHash } from 'node:crypto';

/** A reproducible source of random draws: the same seed and purpose give the same draws for ever. */
export interface RandomStream {
  /** Uniform on [0, 1), with all 53 bits of a double. */
  next(): number;
  /** Uniform on the integers 0 … n − 1, without modulo bias; n from 1 to 2^53. */
  int(n: number): number;
  /** Fills an array with draws of the integers 0 … n − 1, without modulo bias; two draws to a 32-bit word up to n = 2^16. */
  indices(into: Uint32Array, n: number): void;
  /** A new array with the items in random order; every order is equally likely. */
  shuffle<T>(items: readonly T[]): T[];
  /** Exponentially distributed with this mean: the gap between the arrivals of a Poisson process. */
  exponential(mean: number): number;
}

/**
 * Opens the stream of one purpose. Streams of different purposes are independent, so that a draw
 * added to one of them (say the bootstrap of one metric) leaves the results of all others as they were.
 */
export function seededStream(seed: number, ...purpose: readonly (string | number)[]): RandomStream {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`a seed is a whole number, not ${seed}`);
  const nextWord = xoshiro128(seedWords(JSON.stringify([seed, ...purpose])));
  // 53 random bits as a whole number: the high ones of two words, because the low ones of xoshiro are weaker.
  const next53 = (): number => (nextWord() >>> 5) * 2 ** 26 + (nextWord() >>> 6);
  const next = (): number => next53() / 2 ** 53;
  const int = (n: number): number => {
    if (!Number.isInteger(n) || n < 1 || n > 2 ** 53) throw new RangeError(`cannot draw one of ${n} integers`);
    // Draws from the incomplete last run of n would favour small results: they are drawn again.
    const limit = 2 ** 53 - (2 ** 53 % n);
    for (;;) {
      const draw = next53();
      if (draw < limit) return draw % n;
    }
  };
  return {
    next,
    int,
    indices(into, n) {
      if (n <= 2 ** 16) halfWordDraws(into, n, nextWord);
      else for (let i = 0; i < into.length; i++) into[i] = int(n);
    },
    shuffle<T>(items: readonly T[]): T[] {
      const shuffled = [...items];
      for (let last = shuffled.length - 1; last > 0; last--) {
        const other = int(last + 1);
        [shuffled[last], shuffled[other]] = [shuffled[other] as T, shuffled[last] as T];
      }
      return shuffled;
    },
    exponential: (mean) => -mean * Math.log1p(-next()),
  };
}

/**
 * Lemire's multiply-shift (ACM Trans. Model. Comput. Simul. 29(1), 2019) on halves of words: the upper half of half × n is
 * the draw, and the first 2^16 mod n values of the lower half are drawn again, so that every draw has as many left.
 */
function halfWordDraws(into: Uint32Array, n: number, nextWord: () => number): void {
  if (!Number.isInteger(n) || n < 1) throw new RangeError(`cannot draw one of ${n} integers`);
  const again = 2 ** 16 % n;
  let at = 0;
  while (at < into.length) {
    const word = nextWord();
    const first = (word >>> 16) * n;
    if ((first & 0xffff) >= again) into[at++] = first >>> 16;
    if (at === into.length) return;
    const second = (word & 0xffff) * n;
    if ((second & 0xffff) >= again) into[at++] = second >>> 16;
  }
}

/** The state of a generator: four 32-bit words that are not all zero. */
export type Words = readonly [number, number, number, number];

/** The first 128 bits of the SHA-256 of a text, as big-endian words. */
export function seedWords(text: string): Words {
  const digest = createHash('sha256').update(text, 'utf8').digest();
  return [digest.readUInt32BE(0), digest.readUInt32BE(4), digest.readUInt32BE(8), digest.readUInt32BE(12)];
}

/** xoshiro128** 1.1 of Blackman and Vigna (2018): 32-bit words with a period of 2^128 − 1. */
export function xoshiro128(state: Words): () => number {
  let [a, b, c, d] = state;
  return () => {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotateLeft(d, 11);
    return result;
  };
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
