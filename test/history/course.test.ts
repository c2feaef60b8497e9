import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { canJudge, courseOf, LEAST_NIGHTS, oddNights } from '../../src/history/course.ts';
import { gaussian } from '../../src/statistics/gaussian.ts';
import { scatterOf } from '../../src/statistics/new-values.ts';
import { seededStream } from '../../src/statistics/random.ts';
import { assertClose } from '../statistics/close.ts';

const { residuals } = JSON.parse(
  readFileSync(new URL('../fixtures/statistics/oracle-new-values.json', import.meta.url), 'utf8'),
) as {
  readonly residuals: readonly { readonly stretches: readonly (readonly number[])[]; readonly ps: readonly number[] }[];
};

test('how far a night is off its stretch is its externally studentised residual, as by least squares without it', () => {
  for (const { stretches, ps } of residuals) {
    const found = oddNights({ changes: [], stretches, scatter: scatterOf(stretches) });
    assert.equal(found.length, ps.length);
    for (const [i, p] of found.entries()) assertClose(p, ps[i] ?? NaN, 1e-7);
  }
});

test('a course is divided where it changes, and judges once a week of nights tells how much they differ', () => {
  const stream = seededStream(1, 'course');
  const values = Array.from({ length: 24 }, (_, night) => gaussian(stream) * 0.01 + (night < 12 ? 1 : 1.2));
  const { changes, stretches } = courseOf(values, 'x');
  assert.deepEqual(
    changes.map(({ index }) => index),
    [12],
  );
  assert.deepEqual(
    stretches.map(({ length }) => length),
    [12, 12],
  );
  const few = values.slice(0, LEAST_NIGHTS - 1);
  assert.equal(canJudge(courseOf(few, 'x')), false);
  assert.equal(canJudge(courseOf(values.slice(0, LEAST_NIGHTS), 'x')), true);
  assert.equal(canJudge(courseOf([], 'x')), false);
  assert.deepEqual(
    oddNights(courseOf(few, 'x')),
    few.map(() => 1),
  );
});
