import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tallySweeps } from './simulated-sweep.ts';

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
