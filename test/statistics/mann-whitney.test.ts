import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MOST_EXACT, mannWhitneyTest } from '../../src/statistics/mann-whitney.ts';
import { seededStream } from '../../src/statistics/random.ts';
import { assertClose } from './close.ts';
import { readTwoSampleOracle } from './two-sample-oracle.ts';

const oracle = readTwoSampleOracle();
const sample = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 12 });

test('U and its exact p are SciPy’s, from one to fifty values', () => {
  for (const { x, y, u, p } of oracle.untied) {
    const found = mannWhitneyTest(x, y);
    assert.equal(found.u, u);
    assert.equal(found.method, 'Mann–Whitney, exact');
    assertClose(found.p as number, p, 1e-9, `p of ${x.length} and ${y.length}`);
  }
});

test('with ties p is what counting every way to share the values out gives', () => {
  for (const { x, y, u, p } of oracle.tied) {
    const found = mannWhitneyTest(x, y);
    assert.equal(found.u, u);
    assertClose(found.p as number, p, 1e-12, `p of ${x.join(' ')} and ${y.join(' ')}`);
  }
});

test('beyond what is counted out the normal approximation is SciPy’s, and says so', () => {
  for (const { x, y, u, p } of oracle.approximate) {
    assert.ok(x.length + y.length > MOST_EXACT);
    const found = mannWhitneyTest(x, y);
    assert.equal(found.u, u);
    assert.equal(found.method, 'Mann–Whitney, normal approximation');
    assertClose(found.p as number, p, 1e-9);
  }
});

test('the approximation is near the exact p where both can be had', () => {
  const stream = seededStream(1, 'mann-whitney');
  const draw = (n: number, shift: number): number[] => Array.from({ length: n }, () => stream.next() + shift);
  const [x, y] = [draw(50, 0.15), draw(50, 0)];
  const exact = mannWhitneyTest(x, y).p as number;
  const more = mannWhitneyTest([...x, 1.0001], [...y, 0.9999]).p as number;
  assert.ok(Math.abs(exact - more) < 0.2 * exact + 0.005, `${exact} and ${more}`);
});

test('order and exchange of the samples do not matter; equal values have no p', () => {
  fc.assert(
    fc.property(sample, sample, (x, y) => {
      const [there, back] = [mannWhitneyTest(x, y), mannWhitneyTest(y, x)];
      assert.equal(there.u + back.u, x.length * y.length);
      if (there.p === null) assert.equal(new Set([...x, ...y]).size, 1);
      else assertClose(back.p as number, there.p, 1e-9);
      assert.deepEqual(mannWhitneyTest(x.toReversed(), y.toReversed()), there);
    }),
  );
});

test('an empty sample and what is no finite number are refused', () => {
  for (const bad of [[], [NaN], [Infinity]]) {
    assert.throws(() => mannWhitneyTest(bad, [1]), RangeError);
    assert.throws(() => mannWhitneyTest([1], bad), RangeError);
  }
});
