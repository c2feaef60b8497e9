import assert from 'node:assert/strict';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TrialRecord } from '../../src/results/format.ts';
import { requirement } from '../requirements.ts';
import { gctune, leftovers, root, scratch, trialFolders } from './gctune.ts';

/** A load program: so many requests, one after the other, counted by itself. */
const PROGRAM = `#!${process.execPath}
import { writeFileSync } from 'node:fs';
const [report, requests] = process.argv.slice(2);
let failed = 0;
for (let i = 0; i < Number(requests); i++) {
  const { status } = await fetch('http://' + process.env.GCTUNE_ADDRESS + '/work?session=' + (i % 5)).catch(() => ({}));
  if (status !== 200) failed++;
}
writeFileSync(report, JSON.stringify({ summary: { requests: Number(requests), failed } }));
`;

const experiment = (runner: string, load: string): string => `name: load
target:
  package: ${join(root, 'experiments/targets/heapd')}
  args: [--listen, "{host}:{port}", --live, 2MiB]
  port: auto
  ready: { http: /healthz, within: 20s }
runner: ${runner}
matrix: { gogc: [100] }
workloads:
  script:
    command:
      program: ./load.mjs
      ${load}
      report: { json: { requests: summary.requests, errors: summary.failed } }
      loop: closed
phases: { warmup: 100ms, measure: 1s }
validity: { drift: 100% }
blocks: 1
`;

async function records(results: string): Promise<readonly TrialRecord[]> {
  const trials = await trialFolders(results);
  return Promise.all(
    trials.map(async (trial) => JSON.parse(await readFile(join(trial, 'trial.json'), 'utf8')) as TrialRecord),
  );
}

for (const runner of ['process', 'docker'] as const) {
  const options = { timeout: 180_000, ...(runner === 'docker' ? requirement('docker') : {}) };
  test(`a script loads the target, and its window is the run of it that counts: ${runner}`, options, async (t) => {
    const cwd = await scratch(t);
    await writeFile(join(cwd, 'load.mjs'), PROGRAM);
    await chmod(join(cwd, 'load.mjs'), 0o755);
    await writeFile(join(cwd, 'e.yaml'), experiment(runner, "args: ['{report}', '400']"));
    const { code, stderr } = await gctune(['run', 'e.yaml', '--output', 'r', '--verbose'], { cwd });
    assert.equal(code, 0, stderr);
    const trials = await records(join(cwd, 'r'));
    assert.equal(trials.length, 2);
    for (const { outcome, work, window, phases } of trials) {
      assert.equal(outcome.kind, 'completed');
      assert.equal(work?.completed, 400);
      assert.deepEqual(work.errors, {});
      assert.ok(window !== undefined);
      const seconds = window.endSeconds - window.startSeconds;
      assert.ok(Math.abs(seconds - work.windowSeconds) < 1, `${seconds} s and ${work.windowSeconds} s`);
      const measure = phases.find(({ name }) => name === 'measure');
      assert.ok(measure !== undefined && measure.startSeconds <= window.startSeconds);
      assert.ok(window.endSeconds <= measure.endSeconds);
    }
    assert.deepEqual(await leftovers(), []);
  });
}

test('a load program that fails is an outcome of the trial with its last lines, and leaves nothing', async (t) => {
  const cwd = await scratch(t);
  await writeFile(join(cwd, 'load.mjs'), `#!/bin/sh\necho "no route to $GCTUNE_ADDRESS" >&2\nsleep 300 &\nexit 7\n`);
  await chmod(join(cwd, 'load.mjs'), 0o755);
  await writeFile(join(cwd, 'e.yaml'), experiment('process', "args: ['{report}']"));
  const { code } = await gctune(['run', 'e.yaml', '--output', 'r'], { cwd });
  assert.notEqual(code, 0);
  for (const { outcome } of await records(join(cwd, 'r'))) {
    assert.ok(outcome.kind === 'failed');
    assert.equal(outcome.cause, 'the load program ended with code 7');
    assert.equal(outcome.phase, 'warm-up');
    assert.match(outcome.log.join('\n'), /^no route to 127\.0\.0\.1:\d+$/);
  }
  assert.deepEqual(await leftovers(), []);
});

test('a load program that is not there or not executable is refused before anything is started', async (t) => {
  const cwd = await scratch(t);
  await writeFile(join(cwd, 'e.yaml'), experiment('process', "args: ['{report}']"));
  const missing = await gctune(['run', 'e.yaml', '--output', 'r'], { cwd });
  assert.match(missing.stderr, /workloads\.script\.command\.program: there is no file .*load\.mjs/);
  await writeFile(join(cwd, 'load.mjs'), PROGRAM, { mode: 0o644 });
  const refused = await gctune(['run', 'e.yaml', '--output', 'r'], { cwd });
  assert.match(refused.stderr, /load\.mjs is not executable/);
});
