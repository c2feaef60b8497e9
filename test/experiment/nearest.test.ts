import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { editDistance, nearest } from '../../src/text/nearest.ts';

test('editDistance counts insertions, deletions, substitutions and swaps of neighbours', () => {
  for (const [a, b, distance] of [
    ['', '', 0],
    ['', 'abc', 3],
    ['kitten', 'sitting', 3],
    ['gogc', 'gocg', 1],
    ['gogc', 'gogcs', 1],
    ['ca', 'abc', 3],
  ] as const) {
    assert.equal(editDistance(a, b), distance, `${a} ${b}`);
  }
});

test('editDistance is symmetric, at most the longer length, and 0 only for equal words', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 });
  fc.assert(
    fc.property(word, word, (a, b) => {
      const distance = editDistance(a, b);
      assert.equal(distance, editDistance(b, a));
      assert.equal(distance === 0, a === b);
      assert.ok(distance >= Math.abs(a.length - b.length) && distance <= Math.max(a.length, b.length));
    }),
  );
});

test('nearest finds what was meant and nothing far away', () => {
  const keys = ['gogc', 'gomemlimit', 'workload'];
  assert.equal(nearest('gocg', keys), 'gogc');
  assert.equal(nearest('GOGC', keys), 'gogc');
  assert.equal(nearest('workloads', keys), 'workload');
  assert.equal(nearest('gomemlimt', keys), 'gomemlimit');
  assert.equal(nearest('baseline', keys), undefined);
  assert.equal(nearest('x', []), undefined);
});
