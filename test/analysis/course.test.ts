import assert from 'node:assert/strict';
import { test } from 'node:test';

import { courseOf } from '../../src/analysis/per-trial/course.ts';
import { assertClose } from '../statistics/close.ts';
import { measuredTrial, reading, START } from './measured-trial.ts';

test('thousands of readings become at most some 150 points, which keep the mean and the order of time', () => {
  const readings = Array.from({ length: 6000 }, (_, i) => reading(i / 300, 'proc', { rssBytes: 1000 + (i % 10) }));
  const { seconds, series } = courseOf(measuredTrial(readings));
  assert.ok(seconds.length <= 151 && seconds.length >= 148, `${seconds.length} points`);
  assert.equal(series.rss?.length, seconds.length);
  assert.ok(seconds.every((at, i) => i === 0 || at > (seconds[i - 1] as number)));
  assert.ok((seconds[0] as number) < -9.8 && (seconds.at(-1) as number) < 10.1);
  const known = (series.rss ?? []).filter((value) => value !== null);
  assertClose(known.reduce((sum, value) => sum + value, 0) / known.length, 1004.5, 1e-3);
});

test('no bin straddles the start of the window', () => {
  const readings = [1, 9.999, 10.001].map((at) => reading(at, 'proc', { rssBytes: at < 10 ? 1 : 2 }));
  const { seconds, series } = courseOf(measuredTrial(readings));
  series.rss?.forEach((value, i) => {
    if (value !== null) assert.equal(value, (seconds[i] as number) < 0 ? 1 : 2);
  });
  assert.deepEqual(
    series.rss?.filter((value) => value !== null),
    [1, 1, 2],
  );
});

test('where nothing was read there is null, and a series that was never read is left out', () => {
  const readings = [reading(5, 'proc', { rssBytes: 7 }), reading(15, 'proc', { rssBytes: 9 })];
  const { series } = courseOf(measuredTrial(readings));
  assert.deepEqual(Object.keys(series), ['rss']);
  assert.equal(series.rss?.filter((value) => value === null).length, (series.rss?.length ?? 0) - 2);
});

test('GC CPU stands between the readings around it, and passes over readings without a new cycle', () => {
  const expvar = (at: number, numGc: number, lastGc: number, seconds: number) =>
    reading(at, 'expvar', { numGc, lastGcUnixSeconds: START + lastGc, gcCpuFraction: seconds / lastGc });
  const readings = [
    expvar(10, 10, 9.9, 1),
    expvar(12, 20, 11.9, 1.2),
    expvar(14, 20, 11.9, 1.2),
    expvar(16, 30, 15.9, 2),
  ];
  const { seconds, series } = courseOf(measuredTrial(readings));
  const points = (series.gcCpu ?? []).flatMap((value, i) =>
    value === null ? [] : [[seconds[i] as number, value] as const],
  );
  assert.equal(points.length, 2);
  assertClose(points[0]?.[1] as number, 0.1, 1e-5);
  assertClose(points[1]?.[1] as number, 0.2, 1e-5);
  assert.ok(Math.abs((points[0]?.[0] as number) - 1) < 0.1 && Math.abs((points[1]?.[0] as number) - 4) < 0.1);
});

test('of gctrace, GC CPU is what the cycles of a stretch of time took; a stretch without one took none', () => {
  const cycles = [11, 11.1, 11.2].map((at) => reading(at, 'gctrace', { cycle: at, cycleGcCpuSeconds: 0.01 }));
  const { seconds, series } = courseOf(measuredTrial([reading(0, 'proc', { rssBytes: 1 }), ...cycles]));
  const points = (series.gcCpu ?? []).flatMap((value, i) =>
    value === null ? [] : [[seconds[i] as number, value] as const],
  );
  const step = (points[1]?.[0] as number) - (points[0]?.[0] as number);
  const total = points.reduce((sum, [, value]) => sum + value * step * 4, 0);
  assertClose(total, 0.03, 0.01);
  assert.ok(points.some(([, value]) => value === 0));
});

test('a trial without readings has an empty course', () => {
  const { seconds, series } = courseOf(measuredTrial([]));
  assert.ok(seconds.length > 0);
  assert.deepEqual(series, {});
});
