import assert from 'node:assert/strict';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Confirmation } from '../../src/analysis/recommend/confirmation.ts';
import type { MemoryLimit } from '../../src/analysis/recommend/memory-limit.ts';
import { requirement } from '../requirements.ts';
import { gctune, leftovers, root, scratch, type Ended } from './gctune.ts';

const SIMULATED = `target: { simulated: { live: 8MiB } }
runner: simulated
workloads: { steady: { http: { path: /work, rate: 200/s } } }
phases: { warmup: 5s, measure: 10s }`;
// The default sweep's daemon at GOGC=25, where 11 MiB were once advised although every trial asked for more.
const HEAPD = `target:
  package: ${join(root, 'experiments/targets/heapd')}
  args: [--listen, "{host}:{port}", --live, 4MiB, --object, 1KiB, --garbage, 640KiB]
  port: auto
  ready: { http: /healthz, within: 20s }
runner: process
gomaxprocs: 1
workloads: { steady: { http: { path: "/work?session={int:1..100000}", rate: 100/s, grow: [--live, 5MiB] } } }
phases: { warmup: 300ms, measure: 1s }`;

/** A run of a few blocks, and its folder. */
async function swept(t: TestContext, target: string, blocks: number): Promise<{ results: string; run: string }> {
  const folder = await scratch(t);
  const file = join(folder, 'experiment.yaml');
  const results = join(folder, 'results');
  const text = `name: shop
${target}
limits: { memory: 512MiB, required: false }
matrix: { gogc: [25, 100] }
validity: { drift: 100%, lateness: 900ms, achieved_rate: 10%, cycles: 1 }
primaries: [memory.anon, cpu.per_request]
sampling: { inside: 5/s }
blocks: ${blocks}
`;
  await writeFile(file, text);
  const ended = await gctune(['run', file, '--output', results, '--seed', '3', '--quiet']);
  const [name] = await readdir(results);
  assert.ok(name !== undefined, ended.stderr);
  return { results, run: join(results, name) };
}

interface Document {
  readonly confirmations: readonly (Confirmation & { readonly sentences: readonly string[] })[];
  readonly paste: Readonly<Record<string, string>> | null;
  readonly chosen: { readonly memoryLimit: MemoryLimit } | null;
}

const documentOf = ({ stdout }: Ended): Document => JSON.parse(stdout) as Document;

test('a limit is confirmed by a run of its own beside the first, which the recommendation goes on to name', async (t) => {
  const { results, run } = await swept(t, SIMULATED, 6);
  const ended = await gctune(['recommend', run, '--confirm', '--gogc', '25', '--json', '--quiet']);
  assert.equal(ended.code, 0, ended.stderr);
  const [confirmation, ...others] = documentOf(ended).confirmations;
  assert.ok(confirmation !== undefined && others.length === 0);
  assert.deepEqual([confirmation.verdict, confirmation.kind, confirmation.gogc], ['confirmed', 'limit', 25]);
  assert.deepEqual(
    confirmation.workloads.map(({ workload, spike }) => [workload, spike]),
    [
      ['steady', false],
      ['steady-spike', true],
    ],
  );
  const [link] = (await readdir(results)).filter((name) => name.startsWith('shop-confirm-'));
  assert.equal(confirmation.run, link);
  const written = JSON.parse(await readFile(join(run, 'confirmation.json'), 'utf8')) as { runs: readonly string[] };
  assert.deepEqual(written.runs, [link]);
  // It is judged again from its own trials, and passed over once it is gone.
  const again = documentOf(await gctune(['recommend', run, '--json']));
  assert.deepEqual(again.confirmations[0]?.sentences, confirmation.sentences);
  await rm(join(results, link ?? ''), { recursive: true });
  const gone = await gctune(['recommend', run, '--json']);
  assert.deepEqual(documentOf(gone).confirmations, []);
  assert.match(gone.stderr, /the confirmation in .* is left out/);
});

test('run --confirm confirms once the run has its answer', async (t) => {
  const folder = await scratch(t);
  const file = join(folder, 'experiment.yaml');
  await writeFile(
    file,
    `name: shop\n${SIMULATED}\nlimits: { memory: 512MiB }\nmatrix: { gogc: [25, 100, 400] }\nblocks: 8\n`,
  );
  const ended = await gctune(['run', file, '--output', join(folder, 'results'), '--seed', '3', '--quiet', '--confirm']);
  assert.match(
    ended.stdout,
    /^(Confirmed|Not decided|Do not set it): GOGC=\d+ with GOMEMLIMIT=4\d\dMiB/m,
    ended.stderr,
  );
  assert.deepEqual((await readdir(join(folder, 'results'))).length, 2);
});

test('what cannot be confirmed is refused by name', async (t) => {
  const { run } = await swept(t, SIMULATED, 1);
  for (const [args, message] of [
    [['--gogc', '25'], /--gogc says which level to confirm, but --confirm is missing/],
    [['--confirm', '--gogc', '75'], /the run has no level GOGC=75/],
    [['--confirm', '--gogc', '25', '--gomemlimit', 'much'], /--gomemlimit/],
  ] as const) {
    const ended = await gctune(['recommend', run, ...args]);
    assert.equal(ended.code, 2, ended.stderr);
    assert.match(ended.stderr, message);
  }
  const published = join(root, 'test/fixtures/kubo-0.42.0');
  const ended = await gctune(['recommend', published, '--confirm', '--gogc', '50', '--gomemlimit', '1GiB']);
  assert.equal(ended.code, 2, ended.stderr);
  assert.match(ended.stderr, /is a published run without its trials/);
});

test('GOGC=25 with 11 MiB, which a real daemon cannot live with, is refused', requirement('go'), async (t) => {
  const { run } = await swept(t, HEAPD, 1);
  const args = ['--confirm', '--gogc', '25', '--gomemlimit', '11MiB', '--confirm-blocks', '1', '--json', '--quiet'];
  const ended = await gctune(['recommend', run, ...args]);
  assert.equal(ended.code, 6, ended.stderr);
  const [confirmation] = documentOf(ended).confirmations;
  assert.equal(confirmation?.verdict, 'refused');
  for (const { compared, tried } of confirmation?.workloads ?? []) {
    assert.ok((compared.binding ?? 0) + (tried.binding ?? 0) > 0);
  }
  assert.match(confirmation?.sentences[0] ?? '', /^Do not set it: GOGC=25 with GOMEMLIMIT=11MiB/);
  assert.deepEqual(await leftovers(), []);
});
