import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tallyDefaultRule, tallySweeps } from './simulated-sweep.ts';

test('over sweeps of known truth the setting meets the limits in truth, and is not refused where the truth is clear', (t) => {
  const { answered, sound, moved, movedSound, best, clear, clearRefused } = tallySweeps(200, 2018);
  t.diagnostic(
    `answered ${answered}, sound ${sound}; not the baseline ${moved}, sound ${movedSound}; best ${best}; clear ${clear}, refused ${clearRefused}`,
  );
  assert.ok(answered >= 100 && moved >= 40 && clear >= 50, 'the sweeps are of every kind');
  assert.ok(sound / answered >= 0.95, `${sound} of ${answered}`);
  assert.ok(movedSound / moved >= 0.95, `${movedSound} of ${moved}`);
  assert.ok(clearRefused / clear <= 0.2, `${clearRefused} of ${clear}`);
});

test('where nothing is asked for, 15 blocks of an ordinary machine are answered in both directions, and never wrongly', (t) => {
  // Memory and CPU of experiments/demo.yaml: GOGC=50 costs 3 %, GOGC=25 9 %.
  const truth = (gogc: number): readonly [number, number, number] => [0.6 + gogc / 100, 1 + 3 / gogc, 1];
  const tallies = tallyDefaultRule([25, 50, 100, 200], truth, { blocks: 15, pairSd: 0.057, seeds: 20 });
  t.diagnostic(JSON.stringify(tallies));
  for (const { answered, right, unsound } of tallies) {
    assert.ok(answered >= 16, String(answered));
    assert.ok(right >= answered - 1);
    assert.equal(unsound, 0);
  }
});
