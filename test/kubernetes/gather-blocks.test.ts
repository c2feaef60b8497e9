import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { UserError } from '../../src/errors.ts';
import type { Plan } from '../../src/experiment/plan/plan.ts';
import { ORDER_VARIABLE, writeOrder } from '../../src/kubernetes/order.ts';
import { unpackRun } from '../../src/kubernetes/pack-run.ts';
import { readSum, ResultReader } from '../../src/kubernetes/result-lines.ts';
import { createJoinedRun, reopenJoinedRun } from '../../src/results/joined-run.ts';
import { openRun } from '../../src/results/run-folder.ts';
import { ownerMark, ownerState } from '../../src/runner/owner.ts';
import { readLockedState, removeClusterState } from '../../src/session/cluster/cluster-state.ts';
import { GatheredBlocks } from '../../src/session/cluster/gather-blocks.ts';
import { gctune } from '../e2e/gctune.ts';
import { requirement } from '../requirements.ts';

const TEXT = `name: gathered
target: { simulated: { live: 20MiB } }
runner: simulated
matrix: { gogc: [25, 100] }
workloads: { steady: { http: { path: /, rate: 500/s } } }
phases: { warmup: 1s, measure: 2s }
`;

let folder = '';
/** What the pods of both blocks gave back. */
const results: Buffer[] = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gctune-gather-'));
  const order = writeOrder({
    text: TEXT,
    seed: 7,
    of: 2,
    blocks: [1, 2],
    filter: [],
    cpus: { harness: 1 },
    nodeNames: false,
    hold: { seconds: 0, aboveBytes: 1e9 },
  });
  for (const index of ['0', '1']) {
    const message = join(folder, `message-${index}`);
    const { code, stdout, stderr } = await gctune(['harness', '--results', folder, '--message', message], {
      env: { [ORDER_VARIABLE]: order, JOB_COMPLETION_INDEX: index },
    });
    assert.equal(code, 0, stderr);
    const reader = new ResultReader();
    for (const line of stdout.split('\n')) reader.line(line);
    const sum = readSum(await readFile(message, 'utf8'));
    results.push((sum && reader.whole(sum)) ?? assert.fail('no result'));
  }
});
after(() => rm(folder, { recursive: true, force: true }));

/** A run of both blocks that is published, and whose driver was killed before it had removed what it went on by. */
async function published(id: string): Promise<{ readonly run: string; readonly plan: Plan }> {
  await using joined = await createJoinedRun(folder, id, TEXT);
  const part = join(folder, `${id}-part`);
  await unpackRun(results[0] ?? assert.fail(), part, 0o644);
  const { plan } = (await openRun(part)).manifest;
  const blocks = await GatheredBlocks.in(joined, { mode: 0o644, plan, experimentFile: undefined });
  for (const [index, packed] of results.entries()) await blocks.add(index + 1, { packed, pod: 'p', node: 'n' });
  await blocks.publish([], []);
  await writeFile(join(joined.folder, 'kubernetes.json'), '{}');
  return { run: joined.folder, plan };
}

/** Goes on with a run. */
async function again(run: string, plan: Plan): Promise<readonly number[]> {
  await using joined = await reopenJoinedRun(run, { mark: await ownerMark(), state: ownerState });
  const blocks = await GatheredBlocks.in(joined, { mode: 0o644, plan, experimentFile: undefined });
  await blocks.publish([], []);
  return [...blocks.have];
}

async function trialsOf(run: string): Promise<number> {
  let count = 0;
  for await (const _ of (await openRun(run)).trials()) count += 1;
  return count;
}

test('a run that was published is joined again of the parts that are there, and stays where one is lacking or damaged', async () => {
  const { run, plan } = await published('one');
  const trials = await trialsOf(run);
  assert.deepEqual(await again(run, plan), [1, 2]);
  assert.equal(await trialsOf(run), trials);

  await truncate(join(run, 'parts/2/run.json'), 10);
  await assert.rejects(again(run, plan), UserError);
  assert.equal(await trialsOf(run), trials);

  await rm(join(run, 'parts/2'), { recursive: true });
  await assert.rejects(
    again(run, plan),
    (error) =>
      error instanceof UserError && /lacks block 2, which the run has/.test(error.diagnostics[0]?.message ?? ''),
  );
  assert.equal(await trialsOf(run), trials);
});

test(
  'what a complete run does not need is removed in an order that a kill leaves a complete run',
  requirement('root'),
  async (t) => {
    const run = join(folder, 'two');
    const parts = join(run, 'parts/1');
    await mkdir(parts, { recursive: true });
    await writeFile(join(run, 'kubernetes.json'), '{}');
    // Nothing removes what is mounted: so far and no further, as a kill.
    execFileSync('mount', ['-t', 'tmpfs', 'none', parts]);
    t.after(() => execFileSync('umount', [parts]));
    await assert.rejects(removeClusterState(run), { code: 'EBUSY' });
    assert.equal(existsSync(join(run, 'kubernetes.json')), false);
    assert.deepEqual(await readdir(run), ['parts']);
  },
);

test('a run that another gctune has completed since it was found is not gone on with', () => {
  assert.throws(
    () => readLockedState(folder),
    (error) => error instanceof UserError && error.diagnostics[0]?.code === 'run-complete',
  );
});
