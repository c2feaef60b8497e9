import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sideOf, verdictOf, type Claim, type Judged, type Side } from '../../src/analysis/inference/verdict.ts';
import type { Estimate } from '../../src/statistics/estimate.ts';

function estimate(value: number, low: number | null, high: number | null): Estimate {
  return { value, low, high, confidence: 0.95, method: 'test', n: 10, warnings: [] };
}

test('an interval lies clear of a value only where neither end touches it', () => {
  const cases: readonly (readonly [number | null, number | null, number, Side])[] = [
    [-2, -1, 0, 'below'],
    [-2, 0, 0, 'includes'],
    [0, 0, 0, 'includes'],
    [0, 2, 0, 'includes'],
    [1, 2, 0, 'above'],
    [0.9, 0.999, 1, 'below'],
    [0.9, 1, 1, 'includes'],
    [1, 1.1, 1, 'includes'],
    [1.001, 1.1, 1, 'above'],
    [null, 1, 0, 'unknown'],
    [1, null, 0, 'unknown'],
  ];
  for (const [low, high, value, side] of cases) assert.equal(sideOf(estimate(0, low, high), value), side);
});

/** What is judged, the rule's smallest effect, which way is better, and the claim. */
type Case = readonly [string, Partial<Judged>, number, 'lower' | 'higher' | 'neither', Claim];

const LESS = estimate(0.9, 0.85, 0.95);
const MORE = estimate(1.1, 1.05, 1.15);
const CASES: readonly Case[] = [
  ['less of what is better lower', { ratio: LESS }, 0, 'lower', 'better'],
  ['more of what is better lower', { ratio: MORE }, 0, 'lower', 'worse'],
  ['less of what is better higher', { ratio: LESS }, 0, 'higher', 'worse'],
  ['more of what is better higher', { ratio: MORE }, 0, 'higher', 'better'],
  ['of what is neither', { ratio: MORE }, 0, 'neither', 'changed'],
  ['an interval that touches none', { ratio: estimate(0.9, 0.8, 1) }, 0, 'lower', 'not-shown'],
  ['no interval', { ratio: estimate(0.9, null, null) }, 0, 'lower', 'none'],
  ['the p that is just enough', { ratio: LESS, adjustedP: 0.05 }, 0, 'lower', 'better'],
  ['the p that is just not', { ratio: LESS, adjustedP: 0.0501 }, 0, 'lower', 'may-be-chance'],
  ['what asks nothing has no p', { ratio: LESS, adjustedP: null }, 0, 'neither', 'changed'],
  ['chance goes before what matters', { ratio: LESS, adjustedP: 0.2 }, 0.5, 'lower', 'may-be-chance'],
  ['not shown goes before chance', { ratio: estimate(0.9, 0.8, 1.1), adjustedP: 0.2 }, 0.5, 'lower', 'not-shown'],
  ['just as much as matters', { ratio: estimate(1.02, 1.01, 1.03) }, 0.02, 'lower', 'smaller-than-matters'],
  ['a little more than matters', { ratio: estimate(1.0201, 1.01, 1.03) }, 0.02, 'lower', 'worse'],
  ['below as above', { ratio: estimate(0.98, 0.97, 0.99) }, 0.02, 'lower', 'smaller-than-matters'],
  ['a little more below', { ratio: estimate(0.9799, 0.97, 0.99) }, 0.02, 'lower', 'better'],
  ['the ratio goes before the difference', { ratio: LESS, difference: estimate(-1, -2, 1) }, 0, 'lower', 'better'],
  [
    'and where it shows nothing',
    { ratio: estimate(1, 0.9, 1.1), difference: estimate(-1, -2, -1) },
    0,
    'lower',
    'not-shown',
  ],
  ['without a ratio the difference', { difference: estimate(-3, -4, -1) }, 0, 'lower', 'better'],
  [
    'as a share of the baseline',
    { difference: estimate(-3, -4, -1), from: 150 },
    0.02,
    'lower',
    'smaller-than-matters',
  ],
  ['a little more', { difference: estimate(-3.001, -4, -1), from: 150 }, 0.02, 'lower', 'better'],
  ['of a baseline below zero', { difference: estimate(-3, -4, -1), from: -150 }, 0.02, 'lower', 'smaller-than-matters'],
  ['a baseline that is not known', { difference: estimate(-3, -4, -1) }, 0.02, 'lower', 'better'],
];

for (const [name, judged, matters, better, claim] of CASES) {
  test(`the claim of a contrast: ${name}`, () => {
    const whole = { difference: estimate(0, -1, 1), ratio: undefined, adjustedP: 0.01, from: undefined, ...judged };
    const verdict = verdictOf(whole, better, { confidence: 0.95, matters });
    assert.equal(verdict.claim, claim);
    assert.equal(verdict.of, judged.ratio === undefined ? 'difference' : 'ratio');
  });
}
