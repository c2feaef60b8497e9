import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { seededStream, seedWords, xoshiro128 } from '../../src/statistics/random.ts';

describe('xoshiro128**', () => {
  test('gives the words of the authors’ C program for the state 1, 2, 3, 4', () => {
    const next = xoshiro128([1, 2, 3, 4]);
    const words = Array.from({ length: 10 }, next);
    assert.deepEqual(
      words,
      [11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804],
    );
  });

  test('gives the same words as the same recurrence in 64-bit integers', () => {
    const mask = 0xffff_ffffn;
    const rotate = (x: bigint, k: bigint): bigint => ((x << k) | (x >> (32n - k))) & mask;
    const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    fc.assert(
      fc.property(fc.tuple(word, word, word, word), (state) => {
        const s = state.map(BigInt) as [bigint, bigint, bigint, bigint];
        const next = xoshiro128(state);
        for (let i = 0; i < 20; i++) {
          assert.equal(BigInt(next()), (rotate((s[1] * 5n) & mask, 7n) * 9n) & mask);
          const t = (s[1] << 9n) & mask;
          s[2] ^= s[0];
          s[3] ^= s[1];
          s[1] ^= s[2];
          s[0] ^= s[3];
          s[2] ^= t;
          s[3] = rotate(s[3], 11n);
        }
      }),
    );
  });
});

describe('seededStream', () => {
  test('takes its state from SHA-256', () => {
    // printf abc | sha256sum
    assert.deepEqual(seedWords('abc'), [0xba7816bf, 0x8f01cfea, 0x414140de, 0x5dae2223]);
  });

  test('keeps the draws of a seed for ever: stored results depend on them', () => {
    const stream = seededStream(1, 'order', 3);
    assert.deepEqual(
      [stream.next(), stream.next(), stream.int(1000), stream.int(1000), stream.exponential(2)],
      [0.21500905878814003, 0.5481815330144034, 54, 298, 0.4670462878151934],
    );
    assert.deepEqual(seededStream(1, 'order', 3).shuffle([1, 2, 3, 4, 5, 6]), [6, 1, 4, 3, 5, 2]);
  });

  test('gives each seed and each purpose a stream of its own', () => {
    const first = (...key: [number, ...(string | number)[]]): number => seededStream(...key).next();
    const draws = [first(1), first(2), first(1, 'a'), first(1, 'b'), first(1, 'a', 'b'), first(1, 'ab'), first(1, 1)];
    assert.equal(new Set([...draws, first(1, '1'), first(11)]).size, 9);
    assert.equal(first(1, 'a'), first(1, 'a'));
  });

  test('draws each of n integers equally often', () => {
    const stream = seededStream(7, 'chi-square');
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 10_000; i++) counts[stream.int(10)]! += 1;
    const chiSquare = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    assert.ok(chiSquare < 27.88, `chi-square ${chiSquare} is over its 99.9 % point with 9 degrees of freedom`);
  });

  test('fills an array with places that come equally often, whether two come from a word or one from two', () => {
    for (const n of [1, 2, 20, 40_000, 2 ** 16, 2 ** 16 + 1]) {
      const drawn = new Uint32Array(50_001);
      seededStream(7, 'places').indices(drawn, n);
      // Ten bins of places, each expected as often as it has places.
      const bins = Math.min(n, 10);
      const counts = new Array<number>(bins).fill(0);
      const places = new Array<number>(bins).fill(0);
      const binOf = (place: number): number => Math.floor((place * bins) / n);
      for (let place = 0; place < n; place++) places[binOf(place)]! += 1;
      for (const place of drawn) counts[binOf(place)]! += 1;
      const chiSquare = counts.reduce((sum, count, i) => {
        const expected = (drawn.length * places[i]!) / n;
        return sum + (count - expected) ** 2 / expected;
      }, 0);
      assert.ok(chiSquare < 27.88, `n = ${n}: chi-square ${chiSquare}`);
      assert.ok(drawn.every((place) => place < n));
    }
    assert.throws(() => seededStream(1).indices(new Uint32Array(1), 0), /cannot draw one of 0 integers/);
  });

  test('puts each item at each place equally often', () => {
    const stream = seededStream(7, 'shuffle');
    const counts = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = stream.shuffle(['a', 'b', 'c']).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    assert.equal(counts.size, 6);
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    assert.ok(chiSquare < 20.52, `chi-square ${chiSquare} is over its 99.9 % point with 5 degrees of freedom`);
  });

  test('draws exponential gaps of the asked mean', () => {
    const stream = seededStream(7, 'gaps');
    let sum = 0;
    for (let i = 0; i < 10_000; i++) sum += stream.exponential(0.5);
    // The standard error of this mean is 0.5 / √10000 = 0.005.
    assert.ok(Math.abs(sum / 10_000 - 0.5) < 0.02, `mean ${sum / 10_000}`);
  });

  test('stays within its bounds, and leaves what it shuffles alone', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (seed, n) => {
        const stream = seededStream(seed, 'bounds');
        const uniform = stream.next();
        assert.ok(uniform >= 0 && uniform < 1);
        const whole = stream.int(n);
        assert.ok(Number.isInteger(whole) && whole >= 0 && whole < n);
        const items = Object.freeze([1, 2, 2, 3]);
        assert.deepEqual(
          stream.shuffle(items).sort((a, b) => a - b),
          [...items],
        );
        assert.ok(stream.exponential(1) >= 0);
      }),
    );
  });

  test('refuses seeds and ranges that are no whole numbers', () => {
    assert.throws(() => seededStream(0.5), /a seed is a whole number, not 0\.5/);
    assert.throws(() => seededStream(Number.NaN), RangeError);
    assert.throws(() => seededStream(1).int(0), /cannot draw one of 0 integers/);
    assert.throws(() => seededStream(1).int(1.5), RangeError);
  });
});
