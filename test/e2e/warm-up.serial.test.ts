import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TrialRecord } from '../../src/results/format.ts';
import { gctune, leftovers, scratch, tinyExperiment, trialFolders } from './gctune.ts';

test(
  'the warm-up of a real daemon ends by itself, after the cycles that were asked for',
  { timeout: 180_000 },
  async (t) => {
    const cwd = await scratch(t);
    const phases = '{ warmup: auto, auto_warmup: { min: 1s, cycles: 3, max: 60s }, measure: 2s }';
    // 200 requests a second of 64 KiB are a few cycles a second at this heap.
    const text = tinyExperiment('warm', 1, phases).replace('rate: 50/s', 'rate: 200/s');
    await writeFile(join(cwd, 'e.yaml'), text);
    const { code, stderr } = await gctune(['run', 'e.yaml', '--output', 'r'], { cwd });
    assert.equal(code, 0, stderr);
    const trials = await trialFolders(join(cwd, 'r'));
    assert.ok(trials.length > 0);
    for (const trial of trials) {
      const record = JSON.parse(await readFile(join(trial, 'trial.json'), 'utf8')) as TrialRecord;
      assert.ok(!record.warnings.some((warning) => warning.code === 'few-warm-up-cycles'));
      const warmUp = record.phases.find((phase) => phase.name === 'warm-up');
      assert.ok(warmUp !== undefined && warmUp.endSeconds - warmUp.startSeconds >= 1);
      const readings = (await readFile(join(trial, 'readings.ndjson'), 'utf8')).trim().split('\n');
      const counts = readings
        .map((line) => JSON.parse(line) as { at: number; v: { numGc?: number } })
        .filter(({ at, v }) => v.numGc !== undefined && at >= warmUp.startSeconds && at <= warmUp.endSeconds)
        .map(({ v }) => v.numGc ?? 0);
      assert.ok((counts.at(-1) ?? 0) - (counts[0] ?? 0) >= 3, `cycles: ${counts.join(' ')}`);
    }
    assert.deepEqual(await leftovers(), []);
  },
);
