import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gaussian } from '../../src/statistics/gaussian.ts';
import { newValuesTest, scatterOf } from '../../src/statistics/new-values.ts';
import { seededStream } from '../../src/statistics/random.ts';
import { assertClose } from './close.ts';

interface Oracle {
  readonly cases: readonly {
    readonly stretches: readonly (readonly number[])[];
    readonly recent: readonly number[];
    readonly least: number;
    readonly sd: number;
    readonly degrees: number;
    readonly shift: number;
    readonly above: number;
    readonly below: number;
  }[];
}
const oracle = JSON.parse(
  readFileSync(new URL('../fixtures/statistics/oracle-new-values.json', import.meta.url), 'utf8'),
) as Oracle;

test('scatter and p are those of SciPy', () => {
  assert.ok(oracle.cases.length >= 20);
  for (const { stretches, recent, least, sd, degrees, shift, above, below } of oracle.cases) {
    const scatter = scatterOf(stretches);
    assertClose(scatter.sd, sd, 1e-12);
    assert.equal(scatter.degrees, degrees);
    const found = newValuesTest(recent, stretches.at(-1) ?? [], scatter, least);
    assertClose(found.shift, shift, 1e-10);
    assertClose(found.above, above, 1e-8);
    assertClose(found.below, below, 1e-8);
  }
});

test('a new value of the same level is out of its prediction interval as often as stated, however few tell the scatter', () => {
  const stream = seededStream(1, 'new values');
  for (const [before, after] of [
    [7, 1],
    [30, 1],
    [20, 3],
  ] as const) {
    let above = 0;
    const rounds = 4000;
    for (let round = 0; round < rounds; round++) {
      const draw = (count: number): number[] => Array.from({ length: count }, () => 3 + 0.2 * gaussian(stream));
      // Half of what tells the scatter is of another level, before a change.
      const earlier = draw(before).map((value) => value + 5);
      const stretch = draw(before);
      const { above: p } = newValuesTest(draw(after), stretch, scatterOf([earlier, stretch]));
      if (p <= 0.05) above++;
    }
    const off = Math.abs(above / rounds - 0.05);
    assert.ok(off <= 3.5 * Math.sqrt((0.05 * 0.95) / rounds), `${before} and ${after}: ${above} of ${rounds}`);
  }
});

test('values without any scatter differ or do not; none at all are refused', () => {
  const none = { sd: 0, degrees: 9 };
  assert.deepEqual(newValuesTest([2], [1, 1, 1], none), { shift: 1, error: 0, above: 0, below: 1 });
  assert.deepEqual(newValuesTest([1], [1, 1, 1], none), { shift: 0, error: 0, above: 1, below: 1 });
  assert.throws(() => newValuesTest([], [1], none), RangeError);
  assert.throws(() => newValuesTest([1], [1], { sd: NaN, degrees: 0 }), RangeError);
});
