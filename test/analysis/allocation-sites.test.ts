import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnalysedTrial } from '../../src/analysis/analyse.ts';
import { analyse } from '../../src/analysis/analyse.ts';
import type { SiteNode } from '../../src/analysis/per-cell/allocation-sites.ts';
import { syntheticRun } from '../fixtures/analysis/synthetic-run.ts';
import { fixture, stacksIn } from '../profile/kubo-profiles.ts';

type Profiles = Readonly<Partial<Record<'heap' | 'allocs', Uint8Array>>>;

const run = syntheticRun({ blocks: 3, gogc: [25, 100], workloads: { add: 'http', churn: 'http' } });
const keeping = (trial: AnalysedTrial, files: Profiles): AnalysedTrial => ({
  ...trial,
  profile: async (kind) => files[kind],
});
/** The first trial of a cell again, as one that only profiles. */
function profiling(cell: string, files: Profiles): AnalysedTrial {
  const trial = run.trials().find(({ record }) => record.cell === cell) as AnalysedTrial;
  return keeping({ ...trial, record: { ...trial.record, id: 'profiling', block: 4, purpose: 'profile' } }, files);
}
const heap = fixture('kubo-heap.pb.gz');
const before = fixture('kubo-heap-before.pb.gz');
const allocs = fixture('kubo-allocs.pb.gz');

function count(nodes: readonly SiteNode[]): number {
  return nodes.reduce((sum, { children }) => sum + 1 + count(children), 0);
}

test('a workload gets the mean profile of its baseline, and what one trial allocated', async () => {
  const trials = run.trials().map((trial) => {
    const { cell, block } = trial.record;
    if (cell === 'gogc=25 workload=add') return keeping(trial, { heap: Buffer.from('not asked for') });
    return cell === 'gogc=100 workload=add' ? keeping(trial, { heap: block === 1 ? heap : before }) : trial;
  });
  const analysis = await analyse({
    manifest: run.manifest,
    trials: [profiling('gogc=100 workload=add', { allocs, heap: before }), ...trials],
  });
  const [add, churn] = analysis.workloads;
  assert.equal(churn?.sites, undefined);
  assert.equal('sites' in (churn ?? {}), false);
  const [allocated, held] = add?.sites ?? [];
  assert.deepEqual(
    [allocated?.kind, allocated?.trials, held?.kind, held?.trials.length],
    ['allocated', ['profiling'], 'held', 3],
  );
  assert.equal(allocated?.totalBytes, stacksIn(allocs, 'alloc_space').total);
  assert.ok(Math.abs((allocated?.seconds ?? 0) - 3) < 0.5);
  const total = (stacksIn(heap, 'inuse_space').total + 2 * stacksIn(before, 'inuse_space').total) / 3;
  assert.equal(held?.totalBytes, Math.round(total));
  assert.equal(held?.seconds, undefined);
  assert.deepEqual(allocated?.top[0], {
    name: 'github.com/libp2p/go-buffer-pool.(*BufferPool).Get',
    ownBytes: 11326035,
    bytes: 11326035,
  });
  assert.equal(allocated?.top.length, 10);
  assert.ok(count(held?.tree ?? []) > 50 && count(held?.tree ?? []) <= 300);
  assert.deepEqual(
    analysis.warnings.filter(({ code }) => code === 'unreadable-profile'),
    [],
  );
});

test('a profile that cannot be read is a warning, and the others are used', async () => {
  const trials = run
    .trials()
    .map((trial) =>
      trial.record.cell === 'gogc=100 workload=churn'
        ? keeping(trial, { heap: trial.record.block === 2 ? heap.subarray(0, 900) : heap })
        : trial,
    );
  const { workloads, warnings } = await analyse({ manifest: run.manifest, trials });
  assert.equal(workloads[1]?.sites?.[0]?.trials.length, 2);
  const [warning] = warnings.filter(({ code }) => code === 'unreadable-profile');
  assert.match(
    warning?.message ?? '',
    /^the heap profile of the trial 002-\S+ cannot be read: its gzip stream is cut short/,
  );
  assert.equal(warning?.cell, 'gogc=100 workload=churn');
});

test('a trial that does not count lends no profile', async () => {
  const spoilt = syntheticRun({
    blocks: 2,
    gogc: [100],
    outcomes: ({ block }) => [block === 1 ? { kind: 'aborted', phase: 'measure' } : { kind: 'completed' }],
  });
  const trials = spoilt.trials().map((trial) => keeping(trial, { heap }));
  const { workloads } = await analyse({ manifest: spoilt.manifest, trials });
  assert.deepEqual(
    workloads[0]?.sites?.map((one) => one.trials.map((id) => id.slice(0, 3))),
    [['002']],
  );
});
