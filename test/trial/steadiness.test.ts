import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Drift, DriftWatch } from '../../src/trial/steadiness.ts';

function watch(value: (seconds: number) => number, hertz = 10): Drift | undefined {
  const drift = new DriftWatch(2, 10);
  for (let at = 0; at < 14; at += 1 / hertz) drift.add(at, value(at));
  return drift.drift();
}

test('a level quantity does not drift, whatever its saw-tooth', () => {
  assert.equal(watch(() => 5)?.value, 0);
  const sawtooth = watch((s) => 100 + 30 * (s % 0.7), 50);
  assert.ok(Math.abs(sawtooth?.value ?? 1) < 0.03);
  assert.ok((sawtooth?.low ?? 1) < 0 && (sawtooth?.high ?? -1) > 0);
});

test('a rise of a tenth over the window is found as about a tenth, with an interval', () => {
  const found = watch((s) => 100 * (0.95 + (0.1 * (s - 2)) / 10) + Math.sin(s * 40));
  assert.ok(found !== undefined && Math.abs(found.value - 0.1) < 0.01, JSON.stringify(found));
  assert.ok(found.low > 0.07 && found.low < found.value && found.high > found.value && found.high < 0.13);
});

test('what lies outside the window does not count, its last moment does, and too few readings say nothing', () => {
  assert.equal(watch((s) => (s < 2 || s > 12.001 ? 1e9 : 7))?.value, 0);
  assert.equal(
    watch((s) => s, 0.4),
    undefined,
  );
  // Seven readings: twice a second in a window of three, with both ends.
  const short = new DriftWatch(0, 3);
  for (let i = 0; i <= 6; i++) short.add(i / 2, 100 + i * 5);
  assert.ok((short.drift()?.low ?? 0) > 0.1);
});
