import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { betaCdf, betaQuantile, logGamma } from '../../src/statistics/beta.ts';
import { studentCdf, studentQuantile } from '../../src/statistics/student.ts';
import { assertClose } from './close.ts';
import { readDistributionsOracle } from './distributions-oracle.ts';

const oracle = readDistributionsOracle();

test('the incomplete beta function agrees with mpmath to 1e-12, in its tails too', () => {
  for (const [x, a, b, p] of oracle.beta.cdf) {
    if (p > 1e-300) assertClose(betaCdf(x, a, b), p, 1e-12, `I_${x}(${a}, ${b})`);
  }
});

test('its inverse agrees with mpmath to 1e-12', () => {
  assert.ok(oracle.beta.quantile.length > 200);
  for (const [p, a, b, x] of oracle.beta.quantile) {
    // Under 1e-100 the exponent takes digits from the rest.
    assertClose(betaQuantile(p, a, b).x, x, x < 1e-100 ? 1e-11 : 1e-12, `quantile ${p} of (${a}, ${b})`);
  }
});

test('Student’s t agrees with mpmath to 1e-12, and so does its inverse', () => {
  for (const [t, degrees, p] of oracle.student.cdf) assertClose(studentCdf(t, degrees), p, 1e-12, `t ${t}, ${degrees}`);
  for (const [p, degrees, t] of oracle.student.quantile) {
    assertClose(studentQuantile(p, degrees), t, 1e-12, `quantile ${p} with ${degrees}`);
  }
});

test('ln Γ of whole numbers is that of factorials', () => {
  let factorial = 0;
  for (let n = 1; n <= 170; n++) {
    assert.ok(Math.abs(logGamma(n) - factorial) <= 1e-13 * Math.max(1, factorial), `${n}: ${logGamma(n)}`);
    factorial += Math.log(n);
  }
  assertClose(logGamma(0.5), Math.log(Math.PI) / 2, 1e-14);
});

test('the two tails of a beta distribution are one, and the quantile is the inverse', () => {
  const parameter = fc.double({ min: 0.1, max: 100, noNaN: true });
  const share = fc.double({ min: 0.001, max: 0.999, noNaN: true });
  fc.assert(
    fc.property(share, parameter, parameter, (p, a, b) => {
      assertClose(betaCdf(p, a, b) + betaCdf(1 - p, b, a), 1, 1e-12);
      const { x, rest } = betaQuantile(p, a, b);
      assert.equal(x + rest, 1);
      if (x > 1e-200 && x < 1 - 1e-6) assertClose(betaCdf(x, a, b), p, 1e-9, `${p} of (${a}, ${b}) at ${x}`);
    }),
  );
});

test('ends and what is out of range', () => {
  assert.deepEqual(
    [betaCdf(0, 2, 3), betaCdf(1, 2, 3), betaQuantile(0, 2, 3).x, betaQuantile(1, 2, 3).x],
    [0, 1, 0, 1],
  );
  assert.deepEqual([studentQuantile(0, 3), studentQuantile(1, 3), studentQuantile(0.5, 3)], [-Infinity, Infinity, 0]);
  assert.ok(Number.isNaN(betaCdf(NaN, 1, 1)) && Number.isNaN(studentCdf(NaN, 3)));
  for (const bad of [
    () => betaCdf(0.5, 0, 1),
    () => betaQuantile(1.1, 1, 1),
    () => studentQuantile(NaN, 3),
    () => logGamma(0),
  ])
    assert.throws(bad, RangeError);
});
