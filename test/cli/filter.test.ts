import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from '../../src/errors.ts';
import { parseExperiment } from '../../src/experiment/parse-experiment.ts';
import { overrideExperiment } from '../../src/session/override-experiment.ts';
import { demoFile } from '../experiment/demo-file.ts';

const text = demoFile.replace('[50, 100]', '[50, 100]\n  gomemlimit: [off, 64MiB]');
const NOTHING = { runner: undefined, seed: undefined, blocks: undefined };

function filtered(filter: string) {
  const parsed = parseExperiment(text, 'f.yaml', { directory: '/' });
  if (!('experiment' in parsed)) throw new Error('the file is wrong');
  return overrideExperiment(parsed.experiment, { ...NOTHING, filter: [filter] }).matrix;
}

test('a level of --filter is read as Go reads it', () => {
  assert.deepEqual(filtered('gogc=+50').gogc, [50, 100]);
  assert.deepEqual(filtered('gomemlimit=65536KiB').gomemlimit, ['off', 2 ** 26]);
  assert.deepEqual(filtered('gomemlimit=9223372036854775807').gomemlimit, ['off']);
});

test('what Go cannot read names no level, least of all off', () => {
  for (const [filter, said] of [
    ['gomemlimit=64MB', 'the file has no gomemlimit=64MB'],
    ['gomemlimit=', 'the file has no gomemlimit='],
    ['gogc=1e2', 'the file has no gogc=1e2'],
    ['gogc=', 'the file has no gogc='],
  ] as const)
    assert.throws(
      () => filtered(filter),
      (error) => error instanceof UserError && error.diagnostics[0]?.message === said,
      filter,
    );
});
