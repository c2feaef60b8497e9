import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kuboRun, tallyNights } from './simulated-nights.ts';

const real = kuboRun();

test('nights of one and the same code, drawn from real A/A trials, do not alarm', (t) => {
  const { alarms, confirmed } = tallyNights(real, { nights: 300, seed: 5530, blocks: 10 });
  t.diagnostic(`${alarms} alarms in 300 nights, ${confirmed} confirmed`);
  assert.ok(confirmed <= 3, `${confirmed} of 300`);
  assert.ok(alarms <= 15, `${alarms} of 300`);
});

test('5 % more memory are found with 20 blocks, and confirmed', (t) => {
  const shift = { metric: 'memory.anon', factor: 1.05 } as const;
  const { confirmed } = tallyNights(real, { nights: 100, seed: 5530, blocks: 20, shift });
  t.diagnostic(`found and confirmed in ${confirmed} of 100 nights`);
  assert.ok(confirmed >= 80, `${confirmed} of 100`);
});
