import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import {
  commandsOn,
  makePatients,
  outcomeOf,
  slowCommandsOn,
  tryMutation,
  type Patients,
} from '../results/mutated-run.ts';

// `npm run fuzz -- 1000 1 commands` does the same with as many folders as there is time for.

let root = '';
let patients: Patients;
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'gctune-mutated-'));
  patients = await makePatients(root);
});
after(() => rm(root, { recursive: true, force: true }));

test('every command that reads a run is sound on the undamaged ones', async () => {
  for (const folder of [patients.whole, patients.published]) {
    for (const argv of [...commandsOn(folder, patients), ...slowCommandsOn(folder)]) {
      const { code, fault } = await outcomeOf(argv, 'none', patients.root);
      assert.equal(fault, undefined, argv.join(' '));
      assert.ok([0, 5, 6].includes(code), `${argv.join(' ')} ended with ${code}`);
    }
  }
});

test('no damage to a run folder makes a bug of a command, or text that a terminal acts on', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 2 ** 31 - 1 }), async (seed) => {
      for (const { mutation, argv, fault } of await tryMutation(patients, seed, { commands: 1, slowShare: 0 }))
        assert.equal(fault, undefined, `${mutation}\ngctune ${argv.join(' ')}`);
    }),
    { numRuns: 200, seed: 10, endOnFailure: true },
  );
});
