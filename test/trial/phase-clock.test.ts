import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PhaseClock } from '../../src/trial/phase-clock.ts';

test('the zero of a trial is one time, whichever way it is written', () => {
  const clock = new PhaseClock(() => undefined);
  assert.equal(clock.startUnixSeconds, clock.startedAt.getTime() / 1000);
  assert.ok(Math.abs(Date.now() / 1000 - clock.now() - clock.startUnixSeconds) < 1);
});
