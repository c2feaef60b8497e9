import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import type { Analysis } from '../../src/analysis/analysis.ts';
import { requirement } from '../requirements.ts';
import { gctune, leftovers, root, scratch } from './gctune.ts';

const EXPERIMENT = `name: parted
target:
  package: ${join(root, 'experiments/targets/heapd')}
  args: [--listen, "{host}:{port}", --live, 2MiB]
  port: auto
  ready: { http: /healthz, within: 20s }
gomaxprocs: 1
runner: process
matrix: { gogc: [50, 100] }
workloads: { steady: { http: { path: /work, rate: 100/s } } }
phases: { warmup: 200ms, measure: 400ms }
validity: { drift: 100%, lateness: 5s, achieved_rate: 1% }
blocks: 4
seed: 11
`;

test('a part that is killed is resumed, and merged with the other is one run', requirement('go'), async (t) => {
  const folder = await scratch(t);
  await writeFile(join(folder, 'f.yaml'), EXPERIMENT);
  let pid = 0;
  const run = (shard: string): readonly string[] => ['run', 'f.yaml', '--shard', shard, '-o', 'parts'];
  const killed = gctune(run('1/2'), { cwd: folder, onSpawn: (spawned) => (pid = spawned) });
  const parts = join(folder, 'parts');
  const trials = async (): Promise<readonly string[]> => {
    const [name = ''] = await readdir(parts).catch(() => []);
    return readdir(join(parts, name, 'trials')).catch(() => []);
  };
  for (let waited = 0; waited < 1200 && !(await trials()).some((name) => name.startsWith('001-02')); waited++)
    await sleep(50);
  process.kill(pid, 'SIGKILL');
  assert.equal((await killed).code, null);
  const [first = ''] = await readdir(parts);
  const partial = await gctune(['merge', `parts/${first}`, '-o', 'early'], { cwd: folder });
  assert.match(partial.stdout.replaceAll(/\s+/g, ' '), /part 1\/2 in parts\/\S+ was killed or still runs/);
  const resumed = await gctune(['resume', `parts/${first}`], { cwd: folder });
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.match(resumed.stdout, /^Shard 1\/2: 6 of 6 trials completed/m);
  const other = await gctune(run('2/2'), { cwd: folder });
  assert.equal(other.code, 0, other.stderr);
  const both = (await readdir(parts)).map((name) => `parts/${name}`);
  const merged = await gctune(['merge', ...both], { cwd: folder });
  assert.equal(merged.code, 0, merged.stderr);
  const [name = ''] = await readdir(join(folder, 'results'));
  const analysis = JSON.parse(await readFile(join(folder, 'results', name, 'analysis.json'), 'utf8')) as Analysis;
  assert.equal(analysis.trials.filter(({ outcome }) => outcome.kind === 'completed').length, 12);
  // One machine, whatever its parts: nothing to compare.
  assert.deepEqual(
    analysis.run.nodes?.map(({ blocks }) => blocks),
    [[1, 2, 3, 4]],
  );
  assert.deepEqual(await leftovers(), []);
});
