import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzzReader } from './fuzz.ts';
import { READERS } from './readers.ts';

/** A process grows by less than this, whatever it is given. */
const MOST_MIB = 700;

for (const [reader, { seconds }] of Object.entries(READERS)) {
  test(`hostile inputs neither crash nor hang what reads them: ${reader}`, async () => {
    const row = await fuzzReader(reader, { first: 1, count: seconds > 5 ? 20 : 100 });
    assert.deepEqual(row.faults, []);
    assert.equal(row.inputs, seconds > 5 ? 20 : 100);
    assert.ok(row.memoryMiB < MOST_MIB, `${row.memoryMiB} MiB`);
  });
}
