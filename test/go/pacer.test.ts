import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { gogcFromGoal, gogcGoal, leastLimitFor, limitGoal, liveFromGoal } from '../../src/go/pacer.ts';
import { assertClose } from '../statistics/close.ts';

const MIB = 2 ** 20;

describe('the heap goal by GOGC (Go’s guide to its collector: 8 MiB live, 1 MiB stacks, 1 MiB globals)', () => {
  for (const [gogc, goal] of [
    [50, 13],
    [100, 18],
    [200, 28],
  ] as const) {
    test(`GOGC=${gogc} gives ${goal} MiB`, () => assert.equal(gogcGoal(8 * MIB, 2 * MIB, gogc), goal * MIB));
  }
  test('the least heap scales with GOGC: 0.4 MiB at 10, 16 MiB at 400', () => {
    assert.equal(gogcGoal(0, 0, 10), 0.4 * MIB);
    assert.equal(gogcGoal(1 * MIB, 0, 400), 16 * MIB);
  });
  test('off is no goal', () => assert.equal(gogcGoal(8 * MIB, 0, 'off'), Infinity));
});

describe('the heap goal under GOMEMLIMIT', () => {
  test('keeps 3 % free of a large limit, and a MiB of a small one', () => {
    assert.equal(limitGoal(200 * MIB, 100 * MIB), 97 * MIB);
    assert.equal(limitGoal(20 * MIB, 10 * MIB), 9 * MIB);
    assert.equal(limitGoal('off', 10 * MIB), Infinity);
    assert.equal(limitGoal(10 * MIB, 20 * MIB), 0);
  });
});

describe('turned round', () => {
  const heap = fc.record({
    live: fc.integer({ min: 8 * MIB, max: 2 ** 34 }),
    roots: fc.integer({ min: 0, max: 64 * MIB }),
    gogc: fc.integer({ min: 1, max: 3000 }),
  });
  test('a goal gives the live heap and the GOGC that it was made of', () =>
    fc.assert(
      fc.property(heap, ({ live, roots, gogc }) => {
        const goal = gogcGoal(live, roots, gogc);
        if (goal > 4 * MIB * (gogc / 100) * 1.01) assertClose(liveFromGoal(goal, gogc, roots) ?? NaN, live, 1e-9);
        assertClose(gogcFromGoal(goal, live, roots), gogc, 1e-6);
      }),
    ));
  test('the least limit for a goal leaves just that goal', () =>
    fc.assert(
      fc.property(fc.integer({ min: MIB, max: 2 ** 34 }), (goal) => {
        const limit = leastLimitFor(goal);
        assertClose(limitGoal(limit, 0), goal, 1e-9);
        assert.ok(limitGoal(limit - 64, 0) < goal);
      }),
    ));
  test('the minimum heap and `off` tell nothing of the live heap', () => {
    assert.equal(liveFromGoal(gogcGoal(MIB, 0, 100), 100, 0), undefined);
    assert.equal(liveFromGoal(2 ** 64, 'off', 0), undefined);
  });
});
