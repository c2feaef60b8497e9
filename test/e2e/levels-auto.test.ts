import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import type { Analysis } from '../../src/analysis/analysis.ts';
import { gctune, scratch } from './gctune.ts';

const EXPERIMENT = `name: chosen
target: { simulated: { live: 20MiB } }
runner: simulated
matrix: { gogc: [25, 100, 400], levels: auto }
workloads: { steady: { http: { path: /, rate: 500/s } } }
phases: { warmup: 5s, measure: 10s }
blocks: 6
seed: 7
`;

test('levels: auto runs a pilot of its own, then the file’s levels and those that it chose, and says so', async (t) => {
  const folder = await scratch(t);
  const results = join(folder, 'results');
  await writeFile(join(folder, 'f.yaml'), EXPERIMENT);
  const { code, stderr, stdout } = await gctune(['run', 'f.yaml'], { cwd: folder });
  assert.equal(code, 0, stderr);
  const runs = (await readdir(results)).toSorted();
  assert.equal(runs.length, 2);
  const [run = '', pilot = ''] = runs;
  assert.match(pilot, /^chosen-pilot-/);
  const {
    run: manifest,
    methods,
    trials,
  } = JSON.parse(await readFile(join(results, run, 'analysis.json'), 'utf8')) as Analysis;
  const { gogc, chosen, auto } = manifest.experiment.matrix;
  assert.equal(auto, undefined);
  assert.equal(chosen?.pilot, pilot);
  assert.ok(chosen.levels.length > 0 && gogc.length === 3 + chosen.levels.length && gogc.length <= 6, gogc.join(' '));
  assert.deepEqual(
    gogc,
    gogc.toSorted((a, b) => Number(a) - Number(b)),
  );
  assert.equal(trials.length, (gogc.length + 1) * 6, 'the pilot’s trials are not among them');
  assert.ok(
    methods.some(({ text }) => text.includes(pilot) && text.includes(`GOGC=${chosen.levels[0]}`)),
    JSON.stringify(methods),
  );
  assert.match(stderr, new RegExp(`the pilot in results/${pilot} adds GOGC=${chosen.levels[0]}`));
  assert.match(stdout, new RegExp(`GOGC=${chosen.levels[0]}`));
});

test('who names levels has chosen: no pilot', async (t) => {
  const folder = await scratch(t);
  await writeFile(join(folder, 'f.yaml'), EXPERIMENT);
  const { code, stderr } = await gctune(['run', 'f.yaml', '--filter', 'gogc=25'], { cwd: folder });
  assert.equal(code, 0, stderr);
  assert.equal((await readdir(join(folder, 'results'))).length, 1);
  const plan = await gctune(['plan', 'f.yaml'], { cwd: folder });
  assert.match(plan.stdout, /levels:\s+auto:\s+a\s+pilot\s+of\s+three\s+blocks/);
});
