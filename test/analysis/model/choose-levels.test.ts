import assert from 'node:assert/strict';
import { test } from 'node:test';

import { chooseLevels } from '../../../src/analysis/model/choose-levels.ts';
import type { CostModel, Law } from '../../../src/analysis/model/model-analysis.ts';
import type { Estimate } from '../../../src/statistics/estimate.ts';

function exact(value: number): Estimate {
  return { value, low: value, high: value, confidence: 0.95, method: '', n: 6, warnings: [] };
}

function model([p, q]: readonly [number, number], [a, b]: readonly [number, number]): { readonly model: CostModel } {
  const law = (kind: Law['kind'], metric: Law['metric'], intercept: number, slope: number): Law => ({
    kind,
    metric,
    intercept: exact(intercept),
    slope: exact(slope),
    cells: [],
    predictions: [],
  });
  return { model: { laws: [law('memory', 'memory.anon', p, q), law('cost', 'cpu.per_request', a, b)] } };
}

test('the widest gap of the predicted trade-off is halved first, by the round level that halves it best', () => {
  // From 100 to 400 memory grows by 150 % of the baseline's, from 25 to 100 CPU falls by 60 % and memory grows by 37 %.
  assert.deepEqual(chooseLevels([model([10, 10], [1, 0.25])], [25, 100, 400], 100), [250, 50, 150]);
});

test('where CPU is what GOGC moves, the small levels are looked at', () => {
  assert.deepEqual(chooseLevels([model([100, 1], [1, 1])], [25, 100, 400], 100), [40, 60, 30]);
});

test('no level where nothing would differ, where there is no model, or where six are given', () => {
  assert.deepEqual(chooseLevels([model([100, 0.1], [1, 0.001])], [25, 100, 400], 100), []);
  assert.deepEqual(chooseLevels([{}], [25, 100, 400], 100), []);
  assert.deepEqual(chooseLevels([model([10, 10], [1, 0.25])], [10, 25, 50, 100, 200, 400], 100), []);
});

test('the workload in which a gap is widest decides', () => {
  const still = model([100, 0.1], [1, 0.001]);
  const moved = model([10, 10], [1, 0.25]);
  assert.deepEqual(chooseLevels([still, moved], [25, 100, 400], 100), chooseLevels([moved], [25, 100, 400], 100));
});
