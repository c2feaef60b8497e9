import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { equivalence } from '../../src/statistics/equivalence.ts';
import { normalQuantile } from '../../src/statistics/normal.ts';
import { seededStream } from '../../src/statistics/random.ts';
import { signedRankTails } from '../../src/statistics/signed-rank.ts';
import { assertClose } from './close.ts';
import { readDistributionsOracle } from './distributions-oracle.ts';

const oracle = readDistributionsOracle();

describe('equivalence', () => {
  test('its one-sided p are those of scipy.stats.wilcoxon of the shifted differences', () => {
    for (const { differences, margin, above, below } of oracle.oneSided) {
      const found = equivalence(differences, margin, 0.05);
      assertClose(found.pNoWorse, below, 1e-9);
      assertClose(found.pNoBetter, above, 1e-9);
    }
  });

  test('the verdict is that of the bound, and what is not shown is not called a difference', () => {
    const near = [0.1, -0.2, 0.05, -0.1, 0.15, -0.05, 0.12, -0.07];
    assert.equal(equivalence(near, 1, 0.05).verdict, 'equivalent');
    const less = near.map((value) => value - 5);
    assert.equal(equivalence(less, 1, 0.05).verdict, 'no-worse');
    assert.equal(
      equivalence(
        near.map((value) => value + 5),
        1,
        0.05,
      ).verdict,
      'worse',
    );
    assert.equal(equivalence([3, -3, 2, -2, 1, -1], 1, 0.05).verdict, 'not-shown');
    const few = equivalence([0, 0.1], 1, 0.05);
    assert.deepEqual([few.verdict, few.upperBound], ['not-shown', null]);
  });

  test('no-worse goes with an upper bound under the margin, whatever the differences', () => {
    const sample = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 6, maxLength: 15 });
    fc.assert(
      fc.property(sample, (differences) => {
        const distinct = new Set(differences.map((value) => Math.abs(value - 1))).size === differences.length;
        if (!distinct || differences.includes(1)) return;
        const { pNoWorse, upperBound } = equivalence(differences, 1, 0.05);
        if (upperBound === null || Math.abs(upperBound - 1) < 1e-9) return;
        assert.equal(pNoWorse <= 0.05, upperBound < 1, `${pNoWorse} and ${upperBound}`);
      }),
    );
  });

  test('a shift of exactly the margin is called no worse in at most 5 % of the cases', () => {
    const draw = seededStream(11, 'equivalence');
    let wrong = 0;
    const rounds = 4000;
    for (let round = 0; round < rounds; round++) {
      const differences = Array.from({ length: 10 }, () => 1 + normalQuantile(Math.max(1e-12, draw.next())));
      if (
        equivalence(differences, 1, 0.05).verdict !== 'not-shown' &&
        signedRankTails(differences.map((d) => d - 1)).lower <= 0.05
      )
        wrong++;
    }
    assert.ok(wrong / rounds <= 0.05 + 3 * Math.sqrt((0.05 * 0.95) / rounds), `${wrong} of ${rounds}`);
  });

  test('refuses a margin or an alpha that is none', () => {
    assert.throws(() => equivalence([1], 0, 0.05), RangeError);
    assert.throws(() => equivalence([1], NaN, 0.05), RangeError);
    assert.throws(() => equivalence([1], 1, 0.5), RangeError);
    assert.throws(() => equivalence([], 1, 0.05), RangeError);
  });
});
