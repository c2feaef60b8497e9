import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TrialRecord } from '../../src/results/format.ts';
import { requirement } from '../requirements.ts';
import { gctune, leftovers, root, scratch, trialFolders } from './gctune.ts';

const experiment = (runner: string): string => `name: admin
target:
  package: ${join(root, 'experiments/targets/heapd')}
  args: [--listen, "{host}:{port}", --admin, "{host}:{port:admin}", --live, 2MiB]
  port: auto
  ports: { admin: auto }
  ready: { http: /healthz, within: 20s }
runner: ${runner}
matrix: { gogc: [100] }
workloads: { steady: { http: { path: /work, rate: 50/s } } }
phases: { warmup: 200ms, measure: 1s }
profiles: { heap: true }
validity: { drift: 100%, achieved_rate: 1%, lateness: 5s }
blocks: 1
`;

for (const runner of ['process', 'docker'] as const) {
  const options = { timeout: 180_000, ...(runner === 'docker' ? requirement('docker') : {}) };
  test(`counters and profiles are found on another port than the service: ${runner}`, options, async (t) => {
    const cwd = await scratch(t);
    await writeFile(join(cwd, 'e.yaml'), experiment(runner));
    const { code, stderr } = await gctune(['run', 'e.yaml', '--output', 'r'], { cwd });
    assert.equal(code, 0, stderr);
    const trials = await trialFolders(join(cwd, 'r'));
    assert.ok(trials.length > 0);
    for (const trial of trials) {
      const { outcome, tried, warnings } = JSON.parse(await readFile(join(trial, 'trial.json'), 'utf8')) as TrialRecord;
      assert.equal(outcome.kind, 'completed');
      const expvar = tried?.find(({ probe }) => probe === 'expvar');
      assert.match(expvar?.message ?? '', /^\d+ figures at port admin$/);
      assert.ok(!warnings.some((warning) => warning.code === 'profile-missing'), JSON.stringify(warnings));
      assert.ok(
        (await readdir(trial)).some((file) => file.startsWith('heap')),
        'no heap profile',
      );
    }
    assert.deepEqual(await leftovers(), []);
  });
}
