import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Course } from '../../src/analysis/analysis.ts';
import { drawnCourses } from '../../src/report/charts/drawn-courses.ts';

/** A trial read outside ten times a second, and inside once a second from its own offset on. */
function course(trial: number): Course {
  const seconds = Array.from({ length: 50 }, (_, i) => i / 10);
  const inside = seconds.map((at, i) => (i % 10 === trial ? 100 * trial + at : null));
  return { trial: `t${trial}`, seconds, series: { rss: seconds.map(() => trial), heapSys: inside } };
}

test('trials that are read at different times still have a median, that of their lines', () => {
  const courses = [1, 3, 5, 7, 9].map(course);
  const { trials, median } = drawnCourses(courses, 'heapSys');
  assert.deepEqual(
    trials.map((line) => line.length),
    [5, 5, 5, 5, 5],
  );
  assert.ok(median.length > 25, `${median.length} points`);
  for (const [at, value] of median) {
    if (at > 1 && at < 4) assert.ok(Math.abs(value - (500 + at)) < 0.2, `${value} at ${at}`);
  }
});

test('no median is drawn where fewer than half of the trials have a line', () => {
  const short = (trial: number): Course => {
    const { seconds, series } = course(trial);
    return {
      trial: `t${trial}`,
      seconds,
      series: { rss: seconds.map((at, i) => (at < 1 ? (series.rss?.[i] ?? null) : null)) },
    };
  };
  const { median } = drawnCourses([course(1), short(2), short(3), short(4)], 'rss');
  assert.ok(median.every(([at]) => at < 1.1));
  assert.ok(median.length > 0);
});

test('where there are too many trials to tell apart, the lowest and the highest stand for them', () => {
  const courses = Array.from({ length: 11 }, (_, trial) => course(trial));
  const { trials, median, between } = drawnCourses(courses, 'rss');
  assert.equal(trials.length, 0);
  const values = (line: readonly (readonly [number, number])[] = []): readonly number[] => [
    ...new Set(line.map(([, value]) => value)),
  ];
  assert.deepEqual([values(median), values(between?.[0]), values(between?.[1])], [[5], [0], [10]]);
});
