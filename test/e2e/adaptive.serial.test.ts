import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Analysis } from '../../src/analysis/analysis.ts';
import type { SweepEvent } from '../../src/sweep/event.ts';
import { requirement } from '../requirements.ts';
import { gctune, leftovers, root, scratch } from './gctune.ts';

const HEAPD = `target:
  package: ${join(root, 'experiments/targets/heapd')}
  args: [--listen, "{host}:{port}", --live, 8MiB]
  port: auto
  ready: { http: /healthz, within: 20s }
runner: process`;
const SIMULATED = 'target: { simulated: { live: 8MiB } }\nrunner: simulated';

const experiment = (target: string, blocks: string): string => `name: adaptive
${target}
matrix: { gogc: [50, 100] }
workloads: { steady: { http: { path: /work, rate: 200/s } } }
phases: { warmup: 200ms, measure: 600ms }
validity: { drift: 100%, lateness: 500ms, achieved_rate: 50%, cycles: 1 }
primaries: [memory.anon]
blocks: ${blocks}
`;

interface Ran {
  readonly code: number | null;
  readonly events: readonly SweepEvent[];
  readonly analysis: Analysis;
  readonly stderr: string;
  readonly folder: string;
}

async function ran(t: TestContext, target: string, blocks: string): Promise<Ran> {
  const folder = await scratch(t);
  const file = join(folder, 'experiment.yaml');
  const results = join(folder, 'results');
  await writeFile(file, experiment(target, blocks));
  const ended = await gctune(['run', file, '--output', results, '--seed', '3', '--json']);
  const [name] = await readdir(results);
  assert.ok(name !== undefined, ended.stderr);
  const run = join(results, name);
  const lines = ended.stdout.trimEnd().split('\n');
  return {
    code: ended.code,
    events: lines.map((line) => JSON.parse(line) as SweepEvent),
    analysis: JSON.parse(await readFile(join(run, 'analysis.json'), 'utf8')) as Analysis,
    stderr: ended.stderr,
    folder: run,
  };
}

test('a run ends once every primary interval is narrow enough, which is no failure', async (t) => {
  const { code, events, analysis, stderr, folder } = await ran(t, SIMULATED, '{ min: 6, max: 30, precision: 60% }');
  assert.equal(code, 0, stderr);
  const standings = events.filter((event) => event.type === 'precision');
  assert.deepEqual(
    standings.map(({ block }) => block),
    [1, 2, 3, 4, 5, 6],
  );
  assert.equal(standings[0]?.widest[0]?.halfWidth, null);
  assert.ok((standings.at(-1)?.widest[0]?.halfWidth ?? 1) <= 0.6);
  const end = events.find((event) => event.type === 'run-ended');
  assert.deepEqual([end?.why, end?.planned], ['precision-reached', 18]);
  assert.match(stderr, /after block 6: ±60\.0 % wanted, reached: memory\.anon ±[\d.]+ % \(gogc=50\)/);
  assert.ok(
    analysis.methods.some(({ text }) =>
      text.startsWith('The run ended after 6 blocks of at most 30, because the expected margin of error'),
    ),
    JSON.stringify(analysis.methods),
  );
  assert.equal(analysis.workloads[0]?.contrasts.find(({ metric }) => metric === 'memory.anon')?.difference.n, 6);
  const list = await gctune(['list', '--results', join(folder, '..'), '--json']);
  const { runs } = JSON.parse(list.stdout) as { runs: readonly { completed: number; planned: number }[] };
  assert.deepEqual([runs[0]?.completed, runs[0]?.planned], [18, 18]);
  assert.deepEqual(await leftovers(), []);
});

test('with an interval that is never narrow enough it ends with the last block, and says so', async (t) => {
  const { code, events, analysis, stderr } = await ran(t, SIMULATED, '{ min: 2, max: 7, precision: 0.001% }');
  assert.equal(code, 0, stderr);
  assert.equal(events.filter((event) => event.type === 'precision').length, 6);
  assert.equal(events.find((event) => event.type === 'run-ended')?.why, 'plan-done');
  assert.ok(
    analysis.methods.some(({ text }) =>
      text.startsWith('The run ended with the last of its 7 blocks, before the expected margin of error'),
    ),
    JSON.stringify(analysis.methods),
  );
});

test('no block is begun that would not end within the budget', requirement('go'), async (t) => {
  const { code, events, analysis, stderr } = await ran(
    t,
    HEAPD,
    '{ min: 2, max: 200, precision: 0.001%, budget: 12s }',
  );
  assert.equal(code, 0, stderr);
  const end = events.find((event) => event.type === 'run-ended');
  assert.equal(end?.why, 'budget-spent');
  assert.ok((end?.planned ?? 0) >= 6 && (end?.planned ?? 0) < 60, `${end?.planned} trials`);
  assert.ok(
    analysis.methods.some(({ text }) => /because its time budget of 12(?:\.0)? s was spent/.test(text)),
    JSON.stringify(analysis.methods),
  );
});
