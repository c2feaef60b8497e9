import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leastLimitBytes, limitNeedOf } from '../../src/analysis/per-trial/limit-need.ts';
import type { Reading } from '../../src/results/format.ts';
import { reading } from './measured-trial.ts';

const MIB = 2 ** 20;
const TRIAL = { id: '001-01-x' };

/** MemStats of a process with 2 MiB beside a heap of 10 MiB, of which 3 MiB are idle and 1 MiB of these released. */
function inside(at: number, more: Reading['v'] = {}): Reading {
  return reading(at, 'expvar', {
    sysBytes: 12 * MIB,
    heapIdleBytes: 3 * MIB,
    heapReleasedBytes: MIB,
    heapAllocBytes: 6 * MIB,
    nextGcBytes: 8 * MIB,
    ...more,
  });
}

test('the need of a trial is the largest of all of its readings, those of the warm-up and of every probe inside too', () => {
  const readings = [
    inside(0.5, { nextGcBytes: 9 * MIB }),
    inside(12),
    { ...inside(19, { sysBytes: 14 * MIB, heapAllocBytes: 9 * MIB }), probe: 'prometheus' as const },
  ];
  const need = limitNeedOf(TRIAL, readings);
  // 12 − 3 − 6 + 9 in the warm-up; 14 − 1 by the other probe.
  assert.deepEqual([need.readings, need.seconds, need.goalBytes, need.committedBytes], [3, 18.5, 12 * MIB, 13 * MIB]);
});

test('what is resident outside of Go is the peak of RSS less what Go holds, and not less than the mapped files', () => {
  const outside = (v: Reading['v']): number | null =>
    limitNeedOf(TRIAL, [inside(12), reading(12, 'proc', v)]).outsideBytes;
  assert.equal(outside({ rssBytes: 20 * MIB, peakRssBytes: 25 * MIB, rssFileBytes: 7 * MIB }), 14 * MIB);
  assert.equal(outside({ rssBytes: 15 * MIB, rssFileBytes: 7 * MIB }), 7 * MIB);
  assert.equal(limitNeedOf(TRIAL, [inside(12)]).outsideBytes, null);
});

test('a reading that lacks one of the counters, or whose goal is none, tells nothing', () => {
  const { heapIdleBytes: _, ...short } = inside(12).v;
  const none = limitNeedOf(TRIAL, [
    reading(12, 'pprof', short),
    inside(13, { nextGcBytes: 2 ** 64 }),
    reading(14, 'proc', { rssBytes: MIB }),
  ]);
  assert.deepEqual(none, {
    trial: '001-01-x',
    readings: 0,
    seconds: 0,
    goalBytes: null,
    committedBytes: null,
    outsideBytes: null,
  });
  assert.equal(leastLimitBytes(none), undefined);
});

test('the least limit holds exactly what runtime/mgcpacer.go asks: 1 MiB for a small goal, 3 % for a large one', () => {
  const least = (goal: number, committed: number): number | undefined =>
    leastLimitBytes({ ...limitNeedOf(TRIAL, [inside(1)]), goalBytes: goal * MIB, committedBytes: committed * MIB });
  assert.equal(least(12, 5), 13 * MIB);
  assert.equal(least(12, 15), 15 * MIB);
  const large = least(970, 5) ?? 0;
  assert.ok(Math.abs(large / MIB - 1000) < 1e-9, String(large));
  assert.ok(large - 0.03 * large >= 970 * MIB - 1);
});
