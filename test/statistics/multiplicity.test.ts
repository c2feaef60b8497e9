import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { benjaminiHochberg, holm } from '../../src/statistics/multiplicity.ts';
import { assertClose } from './close.ts';
import { readTwoSampleOracle } from './two-sample-oracle.ts';

const oracle = readTwoSampleOracle();
const probabilities = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 40 });

test('Holm and Benjamini–Hochberg adjust as statsmodels does', () => {
  for (const { p, holm: byHolm, bh } of oracle.families) {
    holm(p).forEach((adjusted, i) => assertClose(adjusted, byHolm[i] as number, 1e-12, `Holm, ${i} of ${p.length}`));
    benjaminiHochberg(p).forEach((adjusted, i) => assertClose(adjusted, bh[i] as number, 1e-12, `BH, ${i}`));
  }
});

test('an adjusted p is never under its own, nor over 1, keeps the order, and Benjamini–Hochberg’s is never over Holm’s', () => {
  fc.assert(
    fc.property(probabilities, (ps) => {
      const [strict, lenient] = [holm(ps), benjaminiHochberg(ps)];
      ps.forEach((p, i) => {
        const [h, b] = [strict[i] as number, lenient[i] as number];
        assert.ok(p <= b && b <= h + 1e-15 && h <= 1, `${p} became ${b} and ${h}`);
        ps.forEach((other, j) => {
          if (p >= other) return;
          assert.ok(h <= (strict[j] as number) && b <= (lenient[j] as number), `${p} and ${other} change places`);
        });
      });
    }),
  );
});

test('a family of one is not adjusted, an empty one is empty, and what is no probability is refused', () => {
  assert.deepEqual([holm([0.03]), benjaminiHochberg([0.03])], [[0.03], [0.03]]);
  assert.deepEqual([holm([]), benjaminiHochberg([])], [[], []]);
  for (const odd of [NaN, -0.1, 1.1, Infinity]) {
    assert.throws(() => holm([0.5, odd]), RangeError);
    assert.throws(() => benjaminiHochberg([odd]), RangeError);
  }
});
