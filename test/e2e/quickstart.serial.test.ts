import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Analysis } from '../../src/analysis/analysis.ts';
import { gctune, leftovers, root, scratch } from './gctune.ts';

test('the quickstart measures a batch with neither Go nor Docker', async (t) => {
  const folder = await scratch(t);
  const args = ['--blocks', '1', '--filter', 'gogc=25', '--output', folder];
  const ended = await gctune(['run', join(root, 'experiments/quickstart.yaml'), ...args], {
    env: { DOCKER_HOST: 'tcp://127.0.0.1:1' },
  });
  assert.equal(ended.code, 0, ended.stderr);
  assert.deepEqual(await leftovers(), []);
  const [run] = await readdir(folder);
  const analysis = JSON.parse(await readFile(join(folder, run ?? '', 'analysis.json'), 'utf8')) as Analysis;
  const cells = analysis.workloads[0]?.cells ?? [];
  assert.equal(cells.length, 3, 'the level, the baseline and its A/A cell');
  for (const cell of cells) {
    assert.equal(cell.valid, 1, `${cell.label}: ${JSON.stringify(cell.outcomes)}`);
    for (const metric of ['memory.anon', 'memory.peak', 'cpu.per_request', 'batch.duration', 'gc.cycles'] as const) {
      assert.ok((cell.estimates[metric]?.value ?? 0) > 0, `${cell.label} has ${metric}`);
    }
  }
});
