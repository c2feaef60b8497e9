import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import * as memory from '../../src/analysis/per-trial/memory-figures.ts';
import type { MeasuredTrial } from '../../src/analysis/per-trial/trial-readings.ts';
import type { Reading } from '../../src/results/format.ts';
import { measuredTrial, reading } from './measured-trial.ts';

const MIB = 2 ** 20;

test('RssAnon is a mean over time inside the window; the peak is its greatest reading', () => {
  const trial = measuredTrial([
    reading(9, 'proc', { rssAnonBytes: 9e9 }),
    reading(10, 'proc', { rssAnonBytes: 100 }),
    reading(18, 'proc', { rssAnonBytes: 100 }),
    reading(20, 'proc', { rssAnonBytes: 300 }),
    reading(21, 'proc', { rssAnonBytes: 9e9 }),
  ]);
  assert.deepEqual(memory.anonymousMean(trial), { value: (8 * 100 + 2 * 200) / 10, source: 'proc' });
  assert.deepEqual(memory.anonymousPeak(trial), { value: 300, source: 'proc' });
});

test('where the process cannot be seen its cgroup stands in, and says so', () => {
  const trial = measuredTrial([
    reading(9, 'proc', { rssAnonBytes: 5 }),
    reading(11, 'docker-stats', { cgroupAnonBytes: 70, cgroupPeakBytes: 99 }),
  ]);
  assert.deepEqual(memory.anonymousMean(trial), { value: 70, source: 'docker-stats' });
  assert.deepEqual(memory.residentPeak(trial), { value: 99, source: 'docker-stats' });
  assert.equal(memory.residentMean(trial), undefined);
});

test('the peak since launch is what the kernel said last in the window; of a batch what its exit told', () => {
  const readings = [
    reading(11, 'proc', { peakRssBytes: 10 }),
    reading(19, 'proc', { peakRssBytes: 30 }),
    reading(21, 'proc', { peakRssBytes: 40 }),
  ];
  assert.deepEqual(memory.residentPeak(measuredTrial(readings)), { value: 30, source: 'proc' });
  const exit = { code: 0, signal: null, oomKilled: false, peakBytes: 44 };
  const batch = measuredTrial(readings, { record: { exit }, work: { unit: 'run' } });
  assert.deepEqual(memory.residentPeak(batch), { value: 44, source: 'exit' });
});

test("Go's memory is Sys − HeapReleased, of readings that have both", () => {
  const trial = measuredTrial([
    reading(11, 'expvar', { sysBytes: 100, heapReleasedBytes: 30 }),
    reading(15, 'expvar', { sysBytes: 100 }),
    reading(19, 'expvar', { sysBytes: 100, heapReleasedBytes: 10 }),
  ]);
  assert.deepEqual(memory.goMean(trial), { value: 80, source: 'expvar' });
});

test('HeapSys is its greatest reading, HeapInuse a mean', () => {
  const trial = measuredTrial([
    reading(10, 'pprof', { heapSysBytes: 64, heapInuseBytes: 10 }),
    reading(20, 'pprof', { heapSysBytes: 60, heapInuseBytes: 30 }),
  ]);
  assert.deepEqual(memory.heapSysPeak(trial), { value: 64, source: 'pprof' });
  assert.deepEqual(memory.heapInuseMean(trial), { value: 20, source: 'pprof' });
});

test('the live heap: told, else traced, else from the goal', () => {
  const goal = reading(12, 'expvar', { nextGcBytes: 40 * MIB, numGc: 9 });
  const traced = reading(13, 'gctrace', { heapLiveBytes: 19 * MIB, heapGoalBytes: 39 * MIB });
  const told = reading(14, 'prometheus', { liveHeapBytes: 20 * MIB });
  assert.deepEqual(memory.liveMean(measuredTrial([goal, traced, told])), { value: 20 * MIB, source: 'prometheus' });
  assert.deepEqual(memory.liveMean(measuredTrial([goal, traced])), { value: 19 * MIB, source: 'gctrace' });
  assert.equal(memory.liveMean(measuredTrial([goal]))?.value, 20 * MIB);
  assert.deepEqual(memory.goalMean(measuredTrial([goal, traced])), { value: 40 * MIB, source: 'expvar' });
  assert.deepEqual(memory.goalMean(measuredTrial([traced])), { value: 39 * MIB, source: 'gctrace' });
});

test('the seed: NextGC 190323504 at GOGC=100 is a live heap of 95161752 bytes', () => {
  const trial = measuredTrial([reading(12, 'expvar', { nextGcBytes: 190_323_504, numGc: 328 })]);
  assert.equal(memory.liveMean(trial)?.value, 95_161_752);
});

test('the goal turned round takes the roots off: goal = live + (live + roots)·g', () => {
  const [live, roots] = [50 * MIB, 2 * MIB];
  const nextGcBytes = live + (live + roots) * 0.25;
  const v = { nextGcBytes, numGc: 9, scanStackBytes: roots };
  const trial = measuredTrial([reading(12, 'expvar', v)], { levels: { gogc: 25 } });
  assert.equal(memory.liveMean(trial)?.value, live);
});

test('from the goal only where GOGC alone sets it', () => {
  const goal = [reading(12, 'expvar', { nextGcBytes: 40 * MIB, numGc: 9 })];
  assert.equal(memory.liveMean(measuredTrial(goal, { levels: { gomemlimit: 64 * MIB } })), undefined);
  assert.equal(memory.liveMean(measuredTrial(goal, { levels: { gogc: 'off' } })), undefined);
  assert.equal(memory.liveMean(measuredTrial(goal, { record: { effective: { gomemlimitBytes: 1e9 } } })), undefined);
  // At the least heap of 4 MiB × GOGC/100 the goal says nothing of what lives.
  const least = [reading(12, 'expvar', { nextGcBytes: 16 * MIB, numGc: 9 })];
  assert.equal(memory.liveMean(measuredTrial(least, { levels: { gogc: 400 } })), undefined);
  const never = [reading(12, 'expvar', { nextGcBytes: 40 * MIB, numGc: 0 })];
  assert.equal(memory.liveMean(measuredTrial(never)), undefined);
});

test('no goal and no limit are not numbers: 2^64 with GOGC=off, 2^63 − 1 without a limit', () => {
  const off = measuredTrial([reading(12, 'expvar', { nextGcBytes: 2 ** 64 })], { levels: { gogc: 'off' } });
  assert.equal(memory.goalMean(off), undefined);
  const unlimited = { effective: { gomemlimitBytes: 2 ** 63 } };
  const plain = measuredTrial([reading(12, 'expvar', { nextGcBytes: 40 * MIB, numGc: 3 })], { record: unlimited });
  assert.equal(memory.liveMean(plain)?.value, 20 * MIB);
});

test('a live heap that is told at the ends of the window alone gives way to the one of the goals in between', () => {
  // As a daemon with /debug/vars and /metrics is read: the first at the inside rate, the second at the two edges.
  // 001-05-gogc-400-bursty of the default sweep: what /metrics says at the start is of a cycle before the window.
  const roots = 0.25 * MIB;
  const told = [
    reading(10.002, 'prometheus', { liveHeapBytes: 5.67 * MIB, scanStackBytes: roots, scanGlobalsBytes: 0 }),
    reading(19.999, 'prometheus', { liveHeapBytes: 4.58 * MIB, scanStackBytes: roots, scanGlobalsBytes: 0 }),
  ];
  const goals = Array.from({ length: 10 }, (_, i) =>
    reading(10 + i, 'expvar', { nextGcBytes: 5.1 * MIB * 5 + roots * 4, numGc: 9 + i }),
  );
  const live = memory.liveMean(measuredTrial([...told, ...goals], { levels: { gogc: 400 } }));
  assert.ok(Math.abs((live?.value ?? 0) / MIB - 5.1) < 1e-9, String(live?.value));
  assert.equal(live?.source, 'the heap goal and GOGC');
  // Where nothing else tells it, two readings are better than none.
  assert.equal(memory.liveMean(measuredTrial(told))?.source, 'prometheus');
});

test('a real trial: the live heap of the goals is that of the runtime where both were read, and not what stood at the start', () => {
  const file = new URL('../fixtures/analysis/heapd-gogc-400.json', import.meta.url);
  const { window, readings } = JSON.parse(readFileSync(file, 'utf8')) as Pick<MeasuredTrial, 'window'> & {
    readonly readings: readonly Reading[];
  };
  const trial = { ...measuredTrial(readings, { levels: { gogc: 400 } }), window };
  const told = readings.filter(({ v }) => v.liveHeapBytes !== undefined);
  const [first, last] = [told[0]?.v.liveHeapBytes as number, told.at(-1)?.v.liveHeapBytes as number];
  const series = memory.liveSeries(trial);
  const inside = series?.points.filter(({ at }) => at >= window.startSeconds && at <= window.endSeconds) ?? [];
  assert.equal(series?.source, 'the heap goal and GOGC');
  assert.equal(inside.length, 7);
  // Turned round with the roots that /metrics tells, the goal is the live heap of the same moment.
  assert.ok(Math.abs((inside[0]?.value as number) - first) < 2048, `${inside[0]?.value} ${first}`);
  assert.ok(Math.abs((inside.at(-1)?.value as number) - last) < 2048, `${inside.at(-1)?.value} ${last}`);
  const mean = memory.liveMean(trial)?.value as number;
  assert.ok(first / mean > 1.4, 'one reading at the start is off by two fifths');
  assert.ok(mean / MIB > 7 && mean / MIB < 7.7, String(mean / MIB));
});
