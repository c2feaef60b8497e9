import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededStream } from '../../src/statistics/random.ts';
import { weightedChoice } from '../../src/workload/weighted-choice.ts';

test('items are chosen in proportion to their weights', () => {
  const choose = weightedChoice(['a', 'b'], (item) => (item === 'a' ? 3 : 1));
  const random = seededStream(1, 'x');
  const chosen = Array.from({ length: 10_000 }, () => choose(random)).filter((item) => item === 'a').length;
  // Five standard deviations of the count.
  assert.ok(Math.abs(chosen - 7500) < 217, String(chosen));
});

test('where there is one item nothing is drawn', () => {
  const random = seededStream(1, 'x');
  assert.equal(weightedChoice(['a'], () => 2)(random), 'a');
  assert.equal(random.next(), seededStream(1, 'x').next());
});

test('there must be something to choose', () => {
  assert.throws(() => weightedChoice([], () => 1), RangeError);
});
