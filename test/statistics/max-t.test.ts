import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { gaussian } from '../../src/statistics/gaussian.ts';
import { MOST_EXACT_BLOCKS, maxT } from '../../src/statistics/max-t.ts';
import { seededStream } from '../../src/statistics/random.ts';
import { assertClose } from './close.ts';
import { readDistributionsOracle } from './distributions-oracle.ts';

/** What `oracle-max-t.py` made. */
interface MaxTOracle {
  readonly families: readonly {
    readonly name: string;
    readonly comparisons: readonly (readonly (number | null)[])[];
    readonly t: readonly (number | 'inf' | '-inf')[];
    readonly adjusted: readonly number[];
  }[];
}
const oracle = JSON.parse(
  readFileSync(new URL('../fixtures/statistics/oracle-max-t.json', import.meta.url), 'utf8'),
) as MaxTOracle;
const stream = () => seededStream(10, 'max-T');
const difference = fc.double({ min: -1e3, max: 1e3, noNaN: true });
const family = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 7 })).chain(([comparisons, blocks]) =>
  fc.array(
    fc.array(fc.oneof({ weight: 6, arbitrary: difference }, fc.constantFrom(0, 1, null)), {
      minLength: blocks,
      maxLength: blocks,
    }),
    { minLength: comparisons, maxLength: comparisons },
  ),
);

describe('step-down max-T', () => {
  test('is what numpy counts over every assignment of signs', () => {
    assert.ok(oracle.families.length > 10);
    for (const { name, comparisons, t, adjusted } of oracle.families) {
      const found = maxT(comparisons, stream());
      const where = `${name}, ${comparisons.length} × ${comparisons[0]?.length}`;
      assert.equal(found.method, 'step-down max-T, exact');
      assert.equal(found.assignments, 2 ** (comparisons[0]?.length ?? 0));
      adjusted.forEach((p, i) => assertClose(found.adjusted[i] as number, p, 1e-12, `${where}: p of ${i}`));
      t.forEach((value, i) => {
        if (typeof value === 'number') assertClose(found.t[i] as number, value, 1e-9, `${where}: t of ${i}`);
        else assert.equal(found.t[i], value === 'inf' ? Infinity : -Infinity);
      });
    }
  });

  test('of one comparison is scipy.stats.permutation_test over all signs', () => {
    for (const { differences, p } of readDistributionsOracle().signFlip)
      assertClose(maxT([differences], stream()).adjusted[0] as number, p, 1e-12, differences.join());
  });

  test('gives every comparison the least p there is, 2 ÷ 2^n, however many there are', () => {
    const draw = stream();
    const clear = Array.from({ length: 16 }, (_, i) =>
      Array.from({ length: 6 }, () => (i % 2 === 0 ? 1 : -1) * (100 + gaussian(draw))),
    );
    for (const p of maxT(clear, stream()).adjusted) assert.equal(p, 2 / 64);
  });

  test('has a p between 2 ÷ 2^n and 1, never under that of the comparison alone, in the order of |t|', () => {
    fc.assert(
      fc.property(family, (comparisons) => {
        const { adjusted, t } = maxT(comparisons, stream());
        comparisons.forEach((own, i) => {
          const p = adjusted[i] as number;
          const alone = maxT([own], stream()).adjusted[0] as number;
          const least = Math.min(1, 2 / 2 ** own.filter((value) => value !== null).length);
          assert.ok(p >= least && p <= 1, `p = ${p}`);
          assert.ok(p >= alone, `${p} is under ${alone} of the comparison alone`);
          assert.ok(!Number.isNaN(t[i]), 'a t is a number');
          comparisons.forEach((_, j) => {
            if (Math.abs(t[i] as number) > Math.abs(t[j] as number) * (1 + 1e-6)) {
              assert.ok(p <= (adjusted[j] as number), 'a greater t has no greater p');
            }
          });
        });
      }),
    );
  });

  test('does not depend on the order of blocks or comparisons, on units, or on which side of a pair comes first', () => {
    const draw = stream();
    const table = Array.from({ length: 4 }, (_, i) => Array.from({ length: 8 }, () => gaussian(draw) + i / 2));
    const { adjusted } = maxT(table, stream());
    const same = (other: readonly (readonly number[])[], expected = adjusted): void =>
      assert.deepEqual(maxT(other, stream()).adjusted, expected);
    same(table.map((row) => row.toReversed()));
    same(table.toReversed(), adjusted.toReversed());
    same(table.map((row, i) => row.map((value) => value * 1e150 ** (i - 1))));
    same(table.map((row, i) => row.map((value) => (i === 2 ? -value : value))));
  });

  test('takes differences that are all the same for certain, zeros and missing blocks for nothing', () => {
    const { adjusted, t } = maxT(
      [
        [2, 2, 2, 2, 2, 2],
        [0.1, 0.1, 0.1, 0.1, 0.1, 0.1],
        [0, 0, 0, 0, 0, 0],
        [null, null, null, null, null, null],
        [null, 3, null, null, null, null],
      ],
      stream(),
    );
    assert.deepEqual(adjusted, [2 / 64, 2 / 64, 1, 1, 1]);
    assert.deepEqual(t, [Infinity, Infinity, 0, 0, 0]);
    assert.deepEqual(maxT([], stream()).adjusted, []);
    assert.deepEqual(maxT([[], []], stream()).adjusted, [1, 1]);
  });

  test('draws beyond what can be counted, near the exact p, never gives zero, and says how many', () => {
    const draw = stream();
    const table = Array.from({ length: 3 }, (_, i) =>
      Array.from({ length: MOST_EXACT_BLOCKS }, () => gaussian(draw) + i / 4),
    );
    const exact = maxT(table, stream());
    // A block that nobody has changes nothing but the way of counting.
    const drawn = maxT(
      table.map((row) => [...row, null]),
      stream(),
    );
    assert.deepEqual([exact.assignments, drawn.assignments], [65_536, 10_000]);
    assert.equal(drawn.method, 'step-down max-T, Monte Carlo');
    drawn.adjusted.forEach((p, i) => assert.ok(Math.abs(p - (exact.adjusted[i] as number)) < 0.02, `${p} of ${i}`));
    const certain = Array.from({ length: 20 }, (_, block) => 10 + block / 100);
    assert.deepEqual(maxT([certain], stream(), 99).adjusted, [1 / 100]);
  });

  test('refuses what is no number, and comparisons of different blocks', () => {
    for (const odd of [NaN, Infinity]) assert.throws(() => maxT([[1, odd]], stream()), RangeError);
    assert.throws(() => maxT([[1, 2], [1]], stream()), RangeError);
  });
});
