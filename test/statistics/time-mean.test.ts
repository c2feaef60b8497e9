import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { heldMean, interpolate, timeMean, within } from '../../src/statistics/time-mean.ts';
import { assertClose } from './close.ts';

const span = { startSeconds: 10, endSeconds: 20 };

test('trapezoids between the readings, the first and last held out to the ends', () => {
  const points = [
    { at: 12, value: 4 },
    { at: 16, value: 8 },
    { at: 18, value: 8 },
  ];
  // 2 s at 4, 4 s at 6 on average, 2 s at 8, 2 s at 8
  assert.equal(timeMean(points, span), (2 * 4 + 4 * 6 + 2 * 8 + 2 * 8) / 10);
});

test('a crowd of readings weighs no more than the time it stands for', () => {
  const crowd = Array.from({ length: 100 }, (_, i) => ({ at: 10 + i / 1000, value: 100 }));
  const points = [...crowd, { at: 10.1, value: 0 }, { at: 20, value: 0 }];
  assert.ok((timeMean(points, span) as number) < 2);
});

test('readings outside do not count, and none inside is no mean', () => {
  const outside = [
    { at: 9.9, value: 1e9 },
    { at: 20.1, value: 1e9 },
  ];
  assert.equal(timeMean(outside, span), undefined);
  assert.equal(heldMean(outside, span), undefined);
  assert.equal(timeMean([outside[0]!, { at: 15, value: 3 }, outside[1]!], span), 3);
  assert.equal(
    within(
      [
        { at: 10, value: 1 },
        { at: 20, value: 2 },
      ],
      span,
    ).length,
    2,
  );
});

test('what is held keeps its value until the next point', () => {
  const points = [
    { at: 11, value: 5 },
    { at: 18, value: 15 },
  ];
  assert.equal(heldMean(points, span), (8 * 5 + 2 * 15) / 10);
});

test('a span without length is the mean of what is in it', () => {
  assert.equal(
    timeMean(
      [
        { at: 10, value: 2 },
        { at: 10, value: 4 },
      ],
      { startSeconds: 10, endSeconds: 10 },
    ),
    3,
  );
});

test('a counter between two readings lies on the line; outside of them it is not known', () => {
  const points = [
    { at: 1, value: 10 },
    { at: 3, value: 30 },
  ];
  assert.equal(interpolate(points, 2), 20);
  assert.equal(interpolate(points, 1), 10);
  assert.equal(interpolate(points, 3), 30);
  assert.equal(interpolate(points, 0.9), undefined);
  assert.equal(interpolate(points, 3.1), undefined);
  assert.equal(interpolate([], 1), undefined);
});

test('property: means lie between the least and the greatest, and a constant is its own mean', () => {
  const times = fc.array(fc.double({ min: 10, max: 20, noNaN: true }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(times, fc.infiniteStream(fc.integer({ min: -1000, max: 1000 })), (list, values) => {
      const points = list.toSorted((a, b) => a - b).map((at) => ({ at, value: values.next().value as number }));
      for (const mean of [timeMean(points, span), heldMean(points, span)]) {
        const all = points.map(({ value }) => value);
        assert.ok((mean as number) >= Math.min(...all) - 1e-9 && (mean as number) <= Math.max(...all) + 1e-9);
      }
      const flat = points.map(({ at }) => ({ at, value: 7 }));
      assertClose(timeMean(flat, span) as number, 7, 1e-12);
      assertClose(heldMean(flat, span) as number, 7, 1e-12);
    }),
  );
});

test('property: a reading added on the line between two others changes nothing', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.01, max: 0.99, noNaN: true }), fc.integer(), fc.integer(), (part, a, b) => {
      const two = [
        { at: 11, value: a },
        { at: 19, value: b },
      ];
      const at = 11 + 8 * part;
      const three = [two[0]!, { at, value: interpolate(two, at) as number }, two[1]!];
      assert.ok(Math.abs((timeMean(three, span) as number) - (timeMean(two, span) as number)) <= 1e-6);
    }),
  );
});
