import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DriftWatch } from '../../src/trial/steadiness.ts';

function watch(value: (seconds: number) => number, hertz = 10): number | undefined {
  const drift = new DriftWatch(2, 10);
  for (let at = 0; at < 14; at += 1 / hertz) drift.add(at, value(at));
  return drift.relativeDrift();
}

test('a level quantity does not drift, whatever its saw-tooth', () => {
  assert.equal(
    watch(() => 5),
    0,
  );
  assert.ok(Math.abs(watch((s) => 100 + 30 * (s % 0.7), 50) ?? 1) < 0.03);
});

test('a rise of a tenth over the window is found as about a tenth', () => {
  const found = watch((s) => 100 * (0.95 + (0.1 * (s - 2)) / 10)) ?? 0;
  assert.ok(Math.abs(found - 0.1) < 0.01, String(found));
});

test('what lies outside the window does not count, and too few readings say nothing', () => {
  assert.equal(
    watch((s) => (s < 2 || s >= 12 ? 1e9 : 7)),
    0,
  );
  assert.equal(
    watch((s) => s, 0.5),
    undefined,
  );
});
