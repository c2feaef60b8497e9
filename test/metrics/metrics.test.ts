import assert from 'node:assert/strict';
import { test } from 'node:test';
import { axisMetrics, METRIC_ENTRIES, METRIC_IDS, METRICS, rankedBy } from '../../src/metrics/metrics.ts';

test('every metric has a label of its own and a sentence that an operator can read', () => {
  assert.equal(new Set(METRIC_IDS.map((id) => METRICS[id].label)).size, METRIC_IDS.length);
  for (const id of METRIC_IDS) {
    const metric = METRICS[id];
    assert.match(metric.definition, /^[A-Z9H].*\.$/, id);
    assert.notEqual(metric.reducer, '', id);
    assert.ok(metric.label.length <= 24, metric.label);
  }
});

test('what must not be read as a saving or a cost is not judged', () => {
  const unjudged = METRIC_IDS.filter((id) => METRICS[id].better === 'neither');
  assert.deepEqual(unjudged, [
    'heap.sys',
    'heap.live',
    'heap.goal',
    'gc.cpu_naive',
    'gc.cycles',
    'alloc.rate',
    'alloc.per_request',
  ]);
});

test('no two metrics of a list have the same rank, and the best comes first', () => {
  assert.deepEqual(axisMetrics('memory'), [
    'memory.anon',
    'memory.rss',
    'memory.go',
    'memory.peak',
    'memory.anon_peak',
  ]);
  assert.deepEqual(axisMetrics('cost'), ['cpu.per_request', 'batch.duration', 'cpu.used']);
  assert.deepEqual(axisMetrics('latency'), ['latency.p99']);
  assert.deepEqual(
    rankedBy(({ sourced }) => sourced),
    ['memory.anon', 'cpu.used', 'heap.live', 'gc.cpu_window'],
  );
  assert.deepEqual(
    rankedBy(({ againstGogc }) => againstGogc),
    ['memory.anon', 'cpu.per_request', 'gc.cpu_window', 'gc.cpu_share'],
  );
});

test('what settings are compared in, and what is paid with, is better lower', () => {
  for (const id of METRIC_IDS) {
    const { axis, price, better } = METRIC_ENTRIES[id];
    assert.ok((axis === undefined && price === undefined) || better === 'lower', id);
  }
});
