import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { againstCourse, canJudge, courseOf, LEAST_NIGHTS, oddNights } from '../../src/history/course.ts';
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
    const found = oddNights({ stretches });
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

test('a bad night that was taken back is not how nights scatter, and is no level', () => {
  const stream = seededStream(2, 'course');
  const quiet = Array.from({ length: 20 }, () => gaussian(stream) * 0.002 + 1);
  const withBad = quiet.toSpliced(12, 0, 1.05);
  const course = courseOf(withBad, 'x');
  assert.deepEqual(course.changes, []);
  assert.deepEqual(course.stretches, [withBad]);
  assert.deepEqual(course.steady, [quiet]);
  assert.deepEqual(course.scatter, scatterOf([quiet]));
  // The night after it, and one with the same fault, are judged as if it had not been.
  for (const value of [1.001, 1.05])
    assert.deepEqual(againstCourse([value], course), againstCourse([value], courseOf(quiet, 'x')));
  // One that is not so far off is how nights are.
  assert.deepEqual(courseOf(quiet.toSpliced(12, 0, 1.003), 'x').steady[0]?.length, 21);
});
