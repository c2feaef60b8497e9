import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ContrastWidth } from '../../src/sweep/event.ts';
import { blocksLeft, endAfter, widestOf } from '../../src/sweep/precision.ts';

const RULE = { min: 6, precision: 0.05, budgetSeconds: undefined };
const widths = (...halfWidths: readonly (number | null)[]): readonly ContrastWidth[] =>
  halfWidths.map((halfWidth, i) => ({ cell: `gogc=${i}`, metric: 'memory.anon', halfWidth }));
const standing = (block: number, own: readonly ContrastWidth[], elapsedSeconds = 0) => ({
  block,
  elapsedSeconds,
  blockSeconds: elapsedSeconds / block,
  widths: own,
});

test('never before the least number of blocks, then once every interval is narrow enough', () => {
  assert.equal(endAfter(RULE, standing(5, widths(0.01))), undefined);
  assert.equal(endAfter(RULE, standing(6, widths(0.01, 0.05))), 'precision-reached');
  assert.equal(endAfter(RULE, standing(6, widths(0.01, 0.051))), undefined);
  assert.equal(endAfter(RULE, standing(6, widths(0.01, null))), undefined);
  assert.equal(endAfter(RULE, standing(6, [])), undefined);
});

test('a block that would not end within the budget is not begun, the first ones excepted', () => {
  const rule = { ...RULE, budgetSeconds: 100 };
  assert.equal(endAfter(rule, standing(5, widths(0.2), 300)), undefined);
  assert.equal(endAfter(rule, standing(6, widths(0.2), 90)), 'budget-spent');
  assert.equal(endAfter(rule, standing(6, widths(0.2), 84)), undefined);
  assert.equal(endAfter(rule, standing(6, widths(0.02), 90)), 'precision-reached');
});

test('the rule is monotone: narrower intervals never make a run go on, more blocks never forbid its end', () => {
  const width = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(width, { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 30 }),
      width,
      (own, block, factor) => {
        const now = endAfter(RULE, standing(block, widths(...own)));
        const narrower = endAfter(RULE, standing(block, widths(...own.map((one) => one * factor))));
        if (now !== undefined) assert.equal(narrower, now);
        if (now !== undefined) assert.equal(endAfter(RULE, standing(block + 1, widths(...own))), now);
        if (block < RULE.min) assert.equal(now, undefined);
      },
    ),
  );
});

test('the forecast is that of the square root law, between the minimum and what the plan has left', () => {
  assert.equal(blocksLeft(RULE, 8, 40, widths(0.1, 0.02)), 24);
  assert.equal(blocksLeft(RULE, 8, 20, widths(0.1)), 12);
  assert.equal(blocksLeft(RULE, 3, 20, widths(0.01)), 3);
  assert.equal(blocksLeft(RULE, 8, 20, widths(0.05)), 0);
  assert.equal(blocksLeft(RULE, 3, 20, widths(0.1, null)), null);
  assert.equal(blocksLeft(RULE, 3, 20, []), null);
});

test('the widest of each metric is shown, one without an interval first', () => {
  const own: readonly ContrastWidth[] = [
    { cell: 'a', metric: 'memory.anon', halfWidth: 0.1 },
    { cell: 'b', metric: 'memory.anon', halfWidth: 0.2 },
    { cell: 'a', metric: 'cpu.per_request', halfWidth: null },
    { cell: 'b', metric: 'cpu.per_request', halfWidth: 0.3 },
  ];
  assert.deepEqual(
    widestOf(own).map(({ cell, metric }) => `${metric} ${cell}`),
    ['memory.anon b', 'cpu.per_request a'],
  );
});
