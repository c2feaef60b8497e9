import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { normalQuantile } from '../../src/statistics/normal.ts';
import { walshRank } from '../../src/statistics/hodges-lehmann.ts';
import { FINDING_SHIFTS, INTERVAL_SHIFTS, TABLE_CONFIDENCE, TABLE_FIRST } from '../../src/statistics/power-tables.ts';
import {
  detectableShift,
  findingShift,
  intervalShift,
  pairsNeeded,
  simulatedShift,
} from '../../src/statistics/power.ts';
import { assertClose } from './close.ts';
import { powerOfFinding } from './coverage-rows.ts';

/** What `oracle-power.py` made. */
interface PowerOracle {
  readonly power: readonly { n: number; confidence: number; shift: number; power: number }[];
  readonly families: readonly { n: number; comparisons: number; shift: number; power: number }[];
}
const oracle = JSON.parse(
  readFileSync(new URL('../fixtures/statistics/oracle-power.json', import.meta.url), 'utf8'),
) as PowerOracle;

test('the shift found in a share of sweeps is the one at which scipy.stats.wilcoxon rejects in that share', () => {
  assert.ok(oracle.power.length > 20);
  for (const { n, confidence, shift, power } of oracle.power) {
    assertClose(intervalShift(n, confidence, power) ?? NaN, shift, 0.02, `n = ${n}, ${confidence}, power ${power}`);
  }
});

test('the tables of shifts are what the simulations give, to the bit', () => {
  const columns = [...INTERVAL_SHIFTS].flatMap(([power, shifts]) => shifts.map((shift, i) => ({ power, shift, i })));
  assert.equal(columns.length, 2 * 55);
  for (const { power, shift, i } of columns) {
    const n = TABLE_FIRST + i;
    if (n > 16 && n !== 40) continue;
    assert.equal(shift, simulatedShift(n, walshRank(n, TABLE_CONFIDENCE)?.k ?? NaN, power), `n = ${n}, power ${power}`);
  }
  const question = { confidence: TABLE_CONFIDENCE, power: 0.8, scatter: 'estimated' } as const;
  for (const [comparisons, shifts] of FINDING_SHIFTS) {
    assert.equal(shifts.length, 15);
    for (const n of comparisons === 12 ? [6, 7, 8, 20] : [6 + (comparisons % 15)]) {
      const k = walshRank(n, TABLE_CONFIDENCE)?.k ?? NaN;
      const found = findingShift(n, k, { ...question, comparisons });
      assert.deepEqual(shifts[n - TABLE_FIRST], found, `n = ${n}, ${comparisons} comparisons`);
    }
  }
});

test('the shift that is a finding of a family is the one at which SciPy and numpy find it in that share of sweeps', () => {
  assert.ok(oracle.families.length > 6);
  for (const { n, comparisons, shift, power } of oracle.families) {
    const found = detectableShift(n, 0.95, power, comparisons, 'known');
    assertClose(found ?? NaN, shift, 0.025, `n = ${n}, ${comparisons} comparisons, power ${power}`);
  }
});

test('at the detectable shift 80 % of sweeps have a finding by the rule itself, the estimate of the scatter included', () => {
  for (const blocks of [6, 10, 20]) {
    for (const comparisons of [1, 4, 16]) {
      const power = powerOfFinding('normal', blocks, comparisons, { sweeps: 1000, seed: 1 }).rate;
      assert.ok(Math.abs(power - 0.8) <= 0.03, `${blocks} blocks, ${comparisons} comparisons: ${power}`);
    }
  }
});

test('a finding takes more where more is compared, and where the scatter is only estimated', () => {
  for (const n of [6, 10, 20, 61]) {
    const [one, few, many] = [1, 4, 16].map((comparisons) => detectableShift(n, 0.95, 0.8, comparisons) ?? NaN);
    assert.ok((intervalShift(n, 0.95) ?? NaN) < (one as number), `n = ${n}: one comparison`);
    assert.ok(
      (one as number) < (few as number) && (few as number) < (many as number),
      `n = ${n}: ${one} ${few} ${many}`,
    );
    assert.ok((detectableShift(n, 0.95, 0.8, 4, 'known') ?? NaN) < (few as number), `n = ${n}: known scatter`);
  }
  assert.equal(detectableShift(5, 0.95, 0.8, 4), undefined);
});

test('of six pairs every one must lie on the same side: the shift is a normal quantile', () => {
  for (const power of [0.5, 0.8, 0.9]) {
    assertClose(intervalShift(6, 0.95, power) ?? NaN, normalQuantile(power ** (1 / 6)), 0.015, `power ${power}`);
  }
});

test('too few pairs find nothing however great it is, and more pairs never find less', () => {
  assert.equal(intervalShift(5, 0.95), undefined);
  assert.equal(intervalShift(7, 0.99), undefined);
  let last = Infinity;
  for (const n of [6, 10, 20, 40, 60, 61, 100, 1000]) {
    const shift = intervalShift(n, 0.95) ?? NaN;
    assert.ok(shift < last, `n = ${n}: ${shift}`);
    last = shift;
  }
});

test('the pairs needed are the fewest with which the shift is detectable', () => {
  for (const shift of [0.05, 0.3, 0.7, 5]) {
    const n = pairsNeeded(shift, 0.95, 10_000) ?? NaN;
    assert.ok((intervalShift(n, 0.95) ?? NaN) <= shift, `${shift}: ${n}`);
    assert.ok((intervalShift(n - 1, 0.95) ?? Infinity) > shift, `${shift}: ${n}`);
  }
  assert.equal(pairsNeeded(5, 0.95, 10_000), 6);
  assert.equal(pairsNeeded(0.01, 0.95, 10_000), undefined);
});
