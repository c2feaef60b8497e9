import assert from 'node:assert/strict';

/** Asserts that a value is within a relative tolerance of another (absolute where that one is 0). */
export function assertClose(actual: number, expected: number, tolerance: number, what = ''): void {
  const error = expected === 0 ? Math.abs(actual) : Math.abs(actual / expected - 1);
  assert.ok(error <= tolerance, `${what}: ${actual} is not ${expected} to ${tolerance} (off by ${error})`);
}
