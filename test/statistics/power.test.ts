import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { normalQuantile } from '../../src/statistics/normal.ts';
import { detectableShift, pairsNeeded } from '../../src/statistics/power.ts';
import { assertClose } from './close.ts';

/** What `oracle-power.py` made. */
interface PowerOracle {
  readonly power: readonly { n: number; confidence: number; shift: number; power: number }[];
}
const oracle = JSON.parse(
  readFileSync(new URL('../fixtures/statistics/oracle-power.json', import.meta.url), 'utf8'),
) as PowerOracle;

test('the shift found in a share of sweeps is the one at which scipy.stats.wilcoxon rejects in that share', () => {
  assert.ok(oracle.power.length > 20);
  for (const { n, confidence, shift, power } of oracle.power) {
    assertClose(detectableShift(n, confidence, power) ?? NaN, shift, 0.02, `n = ${n}, ${confidence}, power ${power}`);
  }
});

test('of six pairs every one must lie on the same side: the shift is a normal quantile', () => {
  for (const power of [0.5, 0.8, 0.9]) {
    assertClose(detectableShift(6, 0.95, power) ?? NaN, normalQuantile(power ** (1 / 6)), 0.015, `power ${power}`);
  }
});

test('too few pairs find nothing however great it is, and more pairs never find less', () => {
  assert.equal(detectableShift(5, 0.95), undefined);
  assert.equal(detectableShift(7, 0.99), undefined);
  let last = Infinity;
  for (const n of [6, 10, 20, 40, 60, 61, 100, 1000]) {
    const shift = detectableShift(n, 0.95) ?? NaN;
    assert.ok(shift < last, `n = ${n}: ${shift}`);
    last = shift;
  }
});

test('the pairs needed are the fewest with which the shift is detectable', () => {
  for (const shift of [0.05, 0.3, 0.7, 5]) {
    const n = pairsNeeded(shift, 0.95, 10_000) ?? NaN;
    assert.ok((detectableShift(n, 0.95) ?? NaN) <= shift, `${shift}: ${n}`);
    assert.ok((detectableShift(n - 1, 0.95) ?? Infinity) > shift, `${shift}: ${n}`);
  }
  assert.equal(pairsNeeded(5, 0.95, 10_000), 6);
  assert.equal(pairsNeeded(0.01, 0.95, 10_000), undefined);
});
