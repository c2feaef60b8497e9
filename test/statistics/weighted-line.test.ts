import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';

import { predictionHalfWidth, weightedLine } from '../../src/statistics/weighted-line.ts';
import { assertClose } from './close.ts';

interface Row {
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly w: readonly number[];
  readonly at: number;
  readonly weight: number;
  readonly confidence: number;
  readonly intercept: number;
  readonly slope: number;
  readonly half: number;
}

const FILE = new URL('../fixtures/statistics/oracle-line.json', import.meta.url);

test('lines and prediction intervals agree with statsmodels', () => {
  const { rows } = JSON.parse(readFileSync(FILE, 'utf8')) as { rows: readonly Row[] };
  assert.equal(rows.length, 18);
  for (const { x, y, w, at, weight, confidence, ...expected } of rows) {
    const points = x.map((each, i) => ({ x: each, y: y[i] as number, weight: w[i] as number }));
    const line = weightedLine(points);
    assert.ok(line !== undefined);
    assertClose(line.intercept, expected.intercept, 1e-9, `n = ${x.length}`);
    assertClose(line.slope, expected.slope, 1e-9, `n = ${x.length}`);
    const half = predictionHalfWidth(points, { x: at, weight }, confidence) as number;
    assertClose(half, expected.half, 1e-9, `n = ${x.length}`);
  }
});

test('no line without two different x, no interval without a third point', () => {
  const point = { x: 1, y: 2, weight: 1 };
  assert.equal(weightedLine([]), undefined);
  assert.equal(weightedLine([point, { ...point, y: 5 }]), undefined);
  const two = [point, { x: 3, y: 6, weight: 1 }];
  assert.deepEqual(weightedLine(two), { intercept: 0, slope: 2 });
  assert.equal(predictionHalfWidth(two, point, 0.95), undefined);
  const three = [...two, { x: 4, y: 8, weight: 2 }];
  assert.equal(predictionHalfWidth(three, point, 0.95), 0);
});

test('points at one x have no line whatever their weights, although their weighted mean is another number', () => {
  const weight = fc.double({ min: 1e-18, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(
      fc.constantFrom(0.1, 0.7, 0.75, 1.5),
      fc.array(fc.tuple(weight, fc.integer({ min: 1, max: 1e8 })), { minLength: 1, maxLength: 3 }),
      (x, rows) => {
        const points = rows.map(([own, y]) => ({ x, y, weight: own }));
        assert.equal(weightedLine(points), undefined);
        assert.equal(predictionHalfWidth(points, { x: 0.2, weight: 1 }, 0.95), undefined);
      },
    ),
    { numRuns: 1000 },
  );
});
