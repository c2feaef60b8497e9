import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { requirement } from '../requirements.ts';
import { gctune, leftovers, root, scratch } from './gctune.ts';

const experiment = (runner: string): string => `name: killed
target:
  package: ${join(root, 'experiments/targets/heapd')}
  args: [--listen, "{host}:{port}"]
  port: auto
  ready: { http: /healthz, within: 20s }
  prepare: [{ run: ["{node}", -e, "require('fs').mkdirSync(process.argv[1])", "{work}"] }]
services:
  beside:
    package: ${join(root, 'experiments/targets/heapd')}
    args: [--listen, "{host}:{port}"]
    port: auto
limits: { cpus: 1, required: false }
runner: ${runner}
matrix: { gogc: [50, 100] }
workloads: { steady: { http: { path: /work, rate: 100/s } } }
phases: { warmup: 200ms, measure: 1500ms }
validity: { drift: 100%, lateness: 500ms, achieved_rate: 50% }
blocks: 20
`;

for (const runner of ['process', 'docker'] as const) {
  test(
    `kill -9 in mid-trial with the ${runner} runner: clean removes everything, the report still renders`,
    requirement('go', ...(runner === 'docker' ? (['docker'] as const) : [])),
    async (t) => {
      const folder = await scratch(t);
      const results = join(folder, 'results');
      const file = join(folder, 'experiment.yaml');
      await writeFile(file, experiment(runner));
      let pid = 0;
      const ended = gctune(['run', file, '--output', results], { onSpawn: (spawned) => (pid = spawned) });
      const run = await midTrial(results, ended);
      process.kill(pid, 'SIGKILL');
      await ended;
      assert.notDeepEqual(await leftovers(), [], 'a killed gctune cannot tidy up: something is left for clean');

      const cleaned = await gctune(['clean']);
      assert.equal(cleaned.code, 0, cleaned.stderr);
      assert.deepEqual(await leftovers(), []);
      const report = await gctune(['report', run, '--format', 'text']);
      assert.equal(report.code, 0, report.stderr);
      assert.match(report.stdout, /GOGC=50|gogc=50/);
      const again = await gctune(['clean', '--json']);
      assert.deepEqual(
        (JSON.parse(again.stdout) as { removed: unknown[] }).removed,
        [],
        'a second clean finds nothing',
      );
    },
  );
}

test(
  'the first SIGINT ends the trial in an orderly way: exit 130, nothing left, results kept',
  requirement('go'),
  async (t) => {
    const folder = await scratch(t);
    const results = join(folder, 'results');
    const file = join(folder, 'experiment.yaml');
    await writeFile(file, experiment('process'));
    let pid = 0;
    const ending = gctune(['run', file, '--output', results], { onSpawn: (spawned) => (pid = spawned) });
    const run = await midTrial(results, ending);
    process.kill(pid, 'SIGINT');
    const ended = await ending;
    assert.equal(ended.code, 130, ended.stderr);
    assert.deepEqual(await leftovers(), []);
    assert.equal((await gctune(['report', run, '--format', 'json'])).code, 0);
  },
);

/** Waits until one trial has ended and another is under way; returns the run's folder. */
async function midTrial(results: string, ended: Promise<unknown>): Promise<string> {
  let over = false;
  void ended.then(() => (over = true));
  for (;;) {
    if (over) throw new Error('gctune ended before it could be stopped');
    const [run] = await readdir(results).catch(() => []);
    if (run !== undefined) {
      const trials = await readdir(join(results, run, 'trials')).catch(() => []);
      if (trials.some((name) => !name.startsWith('.')) && trials.some((name) => name.startsWith('.')))
        return join(results, run);
    }
    await sleep(50);
  }
}
