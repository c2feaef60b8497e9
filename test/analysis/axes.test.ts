import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyse } from '../../src/analysis/analyse.ts';
import type { Analysis } from '../../src/analysis/analysis.ts';
import { axesOf } from '../../src/analysis/inference/axes.ts';
import { recommend } from '../../src/analysis/recommend/recommend.ts';
import type { MetricId } from '../../src/metrics/metrics.ts';
import { summariesOf } from '../../src/report/summary.ts';
import { syntheticRun } from '../fixtures/analysis/synthetic-run.ts';
import { cellOf } from './recommend/simulated-sweep.ts';

async function analysisOf(primaries: readonly MetricId[]): Promise<Analysis> {
  const run = syntheticRun({ gogc: [50, 100], seed: 11 });
  const experiment = { ...run.manifest.experiment, primaries };
  return analyse({ manifest: { ...run.manifest, experiment }, trials: run.trials() });
}

test('finding, summary and recommendation speak of the memory and the cost that were declared', async () => {
  const analysis = await analysisOf(['memory.rss', 'cpu.used']);
  const [workload] = analysis.workloads;
  assert.deepEqual(workload?.axes, { memory: 'memory.rss', cost: 'cpu.used', latency: 'latency.p99' });
  assert.deepEqual(workload.front?.metrics, ['memory.rss', 'cpu.used', 'latency.p99']);
  const finding = JSON.stringify(analysis.finding);
  assert.match(finding, /GOGC=50 \(lowest measured memory\) [^"]* RSS and costs [^"]* CPU against GOGC=100/);
  assert.doesNotMatch(finding, /anonymous memory|CPU per request/);
  const columns = summariesOf(analysis)[0]?.columns.map(({ metric }) => metric) ?? [];
  assert.deepEqual([...new Set(columns)].slice(0, 2), ['memory.rss', 'cpu.used']);
  const { answers } = recommend(analysis, {
    limits: [{ name: 'cpu', kind: 'change', most: 5 }],
    price: undefined,
  });
  const { effect } = answers[0]?.effects[0] ?? {};
  assert.equal(effect?.memory?.metric, 'memory.rss');
  assert.equal(effect.cost?.metric, 'cpu.used');
});

test('of several declared the first is taken, and the registry decides where none is', () => {
  const values = { 'memory.anon': [1], 'memory.rss': [2], 'memory.anon_peak': [3], 'cpu.used': [1] };
  const cells = [cellOf(50, 'level', values), cellOf(100, 'level', values)];
  const memoryOf = (primaries: readonly MetricId[]): MetricId | undefined => axesOf({ primaries }, cells).memory;
  assert.equal(memoryOf([]), 'memory.anon');
  assert.equal(memoryOf(['cpu.used']), 'memory.anon');
  assert.equal(memoryOf(['memory.anon_peak', 'memory.rss']), 'memory.anon_peak');
  assert.equal(memoryOf(['memory.rss', 'memory.anon_peak']), 'memory.rss');
});

test('what the baseline does not have cannot be compared, so that it is taken last', () => {
  const cells = [
    cellOf(50, 'level', { 'memory.anon': [1], 'memory.rss': [2] }),
    cellOf(100, 'level', { 'memory.rss': [2] }),
  ];
  assert.equal(axesOf({ primaries: ['memory.anon'] }, cells).memory, 'memory.rss');
  assert.equal(axesOf({ primaries: ['memory.anon'] }, cells.slice(0, 1)).memory, 'memory.anon');
  assert.equal(axesOf({ primaries: ['memory.anon'] }, cells).cost, undefined);
});
