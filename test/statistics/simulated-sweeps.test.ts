import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NOISES, tallySimulatedSweeps } from './simulated-sweeps.ts';

const SWEEPS = 400;
const within = (share: number): number => 3.5 * Math.sqrt((share * (1 - share)) / SWEEPS);

for (const noise of NOISES) {
  for (const blocks of [6, 10, { min: 6, max: 20, precision: 0.06 }] as const) {
    const name = typeof blocks === 'number' ? `${blocks} blocks` : 'blocks added by width alone';
    test(`${noise} noise, ${name}: intervals cover what they state, and null sweeps claim nothing too often`, () => {
      const { coverages, falseClaims } = tallySimulatedSweeps(SWEEPS, noise, blocks, 5530);
      for (const { what, covered, stated } of coverages) {
        assert.ok(covered >= stated - within(stated), `${what}: covers ${covered}, states ${stated}`);
      }
      assert.ok(falseClaims <= 0.05 + within(0.05), `${falseClaims} of null sweeps claim something`);
    });
  }
}
