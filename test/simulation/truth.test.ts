import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Analysis } from '../../src/analysis/analysis.ts';
import type { MetricId } from '../../src/metrics/metrics.ts';
import { simulatedExperiment, simulatedRun } from './simulated-run.ts';

const QUIET = 'noise: { memory: 0%, cpu: 0%, reading: 0% }, drift: { cpu: 0% }';
const SERVICE = 'live: 10MiB, alloc_per_request: 64KiB, cpu_per_request: 1ms, mark_rate: 2GiB/s';
const CELLS = 4;
/** Metrics without any sampling in them, to the rounding of the readings; latencies to that of the histogram. */
const EXACT: Readonly<Partial<Record<MetricId, number>>> = {
  'memory.anon': 1e-6,
  'memory.rss': 1e-6,
  'memory.go': 1e-6,
  'heap.live': 1e-6,
  'heap.goal': 1e-6,
  'gc.cpu_window': 1e-6,
  'gc.cpu_share': 1e-6,
  'gc.cpu_per_request': 1e-6,
  'cpu.used': 1e-6,
  'cpu.per_request': 1e-6,
  'alloc.rate': 1e-6,
  'alloc.per_request': 1e-6,
  'latency.p50': 2e-3,
  'latency.p99': 5e-3,
};

function valuesOf({ workloads }: Analysis, cell: string, metric: MetricId): readonly number[] {
  const found = workloads.flatMap(({ cells }) => cells).find(({ id }) => id === cell);
  return (found?.values[metric] ?? []).map(({ value }) => value);
}

describe('without noise every trial gives the truth', () => {
  for (const workloads of ['steady: { http: { path: /, rate: 500/s } }', 'idle: { idle: {} }']) {
    test(`under ${workloads}`, async () => {
      const lab = simulatedExperiment(`{ ${SERVICE}, ${QUIET} }`, `workloads: { ${workloads} }\nblocks: 2`);
      const { analysis, truth } = await simulatedRun(lab, 1);
      assert.equal(truth.size, CELLS);
      let compared = 0;
      for (const [cell, { figures }] of truth) {
        for (const [metric, tolerance] of Object.entries(EXACT) as [MetricId, number][]) {
          const true_ = figures[metric];
          if (true_ === undefined) continue;
          const values = valuesOf(analysis, cell, metric);
          assert.equal(values.length, 2, `${cell} ${metric}`);
          for (const value of values) {
            compared++;
            assert.ok(Math.abs(value / true_ - 1) <= tolerance, `${cell} ${metric}: ${value}, in truth ${true_}`);
          }
        }
      }
      assert.ok(compared >= CELLS * 2 * (workloads.startsWith('idle') ? 3 : Object.keys(EXACT).length));
    });
  }
});

describe('each source of noise moves what it is about, and nothing else', () => {
  const cases: readonly (readonly [string, MetricId, MetricId])[] = [
    ['noise: { memory: 5%, cpu: 0%, reading: 0% }, drift: { cpu: 0% }', 'memory.anon', 'cpu.per_request'],
    ['noise: { memory: 0%, cpu: 5%, reading: 0% }, drift: { cpu: 0% }', 'cpu.per_request', 'memory.anon'],
    ['noise: { memory: 0%, cpu: 0%, reading: 5% }, drift: { cpu: 0% }', 'memory.anon', 'cpu.per_request'],
    ['noise: { memory: 0%, cpu: 0%, reading: 0% }, drift: { cpu: 5% }', 'cpu.per_request', 'memory.anon'],
    [`${QUIET}, growth: 20%`, 'memory.anon', 'alloc.per_request'],
    [`${QUIET}, start_up: { excess: 50%, fades: 5s }`, 'memory.anon', 'alloc.per_request'],
  ];
  for (const [noise, moved, kept] of cases) {
    test(noise, async () => {
      const lab = simulatedExperiment(`{ ${SERVICE}, ${noise} }`, 'blocks: 2\nvalidity: { drift: 100% }');
      const { analysis, truth } = await simulatedRun(lab, 2);
      const off = (metric: MetricId): number =>
        Math.max(
          ...valuesOf(analysis, 'gogc=100', metric).map((value) =>
            Math.abs(value / (truth.get('gogc=100')?.figures[metric] as number) - 1),
          ),
        );
      assert.ok(off(moved) > 1e-4, `${moved} is off by ${off(moved)}`);
      assert.ok(off(kept) < 1e-6, `${kept} is off by ${off(kept)}`);
    });
  }
});

test('the same seed gives the same bytes, another seed others', async () => {
  const lab = simulatedExperiment(`{ ${SERVICE} }`, 'blocks: 1');
  const [one, two, other] = await Promise.all([1, 1, 2].map(async (seed) => (await simulatedRun(lab, seed)).trials));
  assert.equal(JSON.stringify(one), JSON.stringify(two));
  assert.notEqual(JSON.stringify(one), JSON.stringify(other));
});

test('an untamed heap is killed at the limit, and that is the outcome of the cell', async () => {
  const lab = simulatedExperiment(
    `{ ${SERVICE} }`,
    'limits: { memory: 64MiB }\nmatrix: { gogc: [100, 800, off] }\nblocks: 2',
  );
  const { analysis, truth } = await simulatedRun(lab, 3);
  const outcomes = Object.fromEntries((analysis.workloads[0]?.cells ?? []).map(({ id, outcomes }) => [id, outcomes]));
  assert.deepEqual(outcomes, {
    'gogc=100': { completed: 2 },
    'gogc=800': { 'oom-killed': 2 },
    'gogc=off': { 'oom-killed': 2 },
    'gogc=100 (A/A)': { completed: 2 },
  });
  assert.deepEqual(
    [...truth].map(([, { outcome }]) => outcome),
    ['completed', 'oom-killed', 'oom-killed', 'completed'],
  );
});
