import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { requirement } from '../requirements.ts';
import { gctune, leftovers, scratch, tinyExperiment } from './gctune.ts';

/** heapd takes some 10 MiB: one bound is far above that, and one far below. */
const experiment = `${tinyExperiment('asserted', 6, '{ warmup: 100ms, measure: 300ms }')}assert:
  - { metric: memory.anon, max: 10GiB }
  - { metric: memory.anon, cell: gogc=100, max: 100KiB }
`;

test(
  'a run ends with 6 where an assertion of its file fails, and its report says which',
  requirement('go'),
  async (t) => {
    const folder = await scratch(t);
    const file = join(folder, 'experiment.yaml');
    const results = join(folder, 'results');
    await writeFile(file, experiment);
    const ended = await gctune(['run', file, '--output', results, '--seed', '4', '--exit-zero']);
    assert.equal(ended.code, 6, ended.stderr);
    assert.match(ended.stdout, /^warning: Assertion failed: steady: GOGC=100: memory\.anon max 100KiB, found/m);
    const [run = ''] = await readdir(results);
    const again = await gctune(['assert', join(results, run)]);
    assert.equal(again.code, 6, again.stderr);
    const kept = await gctune(['assert', join(results, run), '--that', 'memory.anon <= 10GiB']);
    assert.equal(kept.code, 0, kept.stderr);
    assert.match(await readFile(join(results, run, 'report.html'), 'utf8'), /<section id="assertions"/);
    assert.deepEqual(await leftovers(), []);
  },
);
