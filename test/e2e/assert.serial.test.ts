import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { requirement } from '../requirements.ts';
import { gctune, leftovers, root, scratch } from './gctune.ts';

/** heapd takes some 10 MiB: one bound is far above that, and one far below. */
const experiment = `name: asserted
target:
  package: ${join(root, 'experiments/targets/heapd')}
  args: [--listen, "{host}:{port}", --live, 2MiB]
  port: auto
  ready: { http: /healthz, within: 20s }
runner: process
matrix: { gogc: [100] }
workloads: { steady: { http: { path: /work, rate: 50/s } } }
phases: { warmup: 100ms, measure: 300ms }
validity: { drift: 100%, achieved_rate: 1%, lateness: 5s }
blocks: 6
assert:
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
    assert.match(ended.stdout, /^2 assertions: 1 failed, 1 passed\.$/m);
    assert.match(ended.stdout, /^- failed: cell steady: GOGC=100; asserted memory\.anon max 100KiB; found/m);
    const [run = ''] = await readdir(results);
    const again = await gctune(['assert', join(results, run)]);
    assert.equal(again.code, 6, again.stderr);
    const kept = await gctune(['assert', join(results, run), '--that', 'memory.anon <= 10GiB']);
    assert.equal(kept.code, 0, kept.stderr);
    assert.match(await readFile(join(results, run, 'report.html'), 'utf8'), /<section id="assertions">/);
    assert.deepEqual(await leftovers(), []);
  },
);
