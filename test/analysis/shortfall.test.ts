import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyse } from '../../src/analysis/analyse.ts';
import type { Outcome } from '../../src/results/format.ts';
import { syntheticRun } from '../fixtures/analysis/synthetic-run.ts';

const MIB = 2 ** 20;
const killed: Outcome = { kind: 'oom-killed', phase: 'measure', limitBytes: 160 * MIB };
const slow: Outcome = { kind: 'invalid', reason: 'rate-missed', message: 'too slow', apparatus: false };
const late: Outcome = { kind: 'invalid', reason: 'generator-late', message: 'late', apparatus: true };
const completed: Outcome = { kind: 'completed' };

async function shortfalls(outcomes: (gogc: number | 'off', block: number) => readonly Outcome[]): Promise<unknown> {
  const run = syntheticRun({
    gogc: [50, 100],
    outcomes: (planned) => outcomes(planned.cell.startsWith('gogc=50') ? 50 : 100, planned.block),
  });
  const analysis = await analyse({ manifest: run.manifest, trials: run.trials() });
  return analysis.workloads[0]?.cells.map(({ shortfall }) => shortfall);
}

test('says what became of the trials that do not count, the commonest first', async () => {
  const found = await shortfalls((gogc, block) => (gogc === 100 ? [completed] : [block === 1 ? slow : killed]));
  assert.deepEqual(found, [
    '5 of 6 trials were OOM-killed (limit 160 MiB) and 1 did not sustain the load',
    undefined,
    undefined,
  ]);
});

test('a trial that was repeated because of the apparatus says nothing of the cell', async () => {
  assert.deepEqual(await shortfalls((_, block) => (block === 2 ? [late, completed] : [completed])), [
    undefined,
    undefined,
    undefined,
  ]);
});
