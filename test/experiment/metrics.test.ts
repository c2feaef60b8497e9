import assert from 'node:assert/strict';
import { test } from 'node:test';
import { METRIC_IDS, METRICS } from '../../src/metrics/metrics.ts';

test('every metric is defined once, in the order of the ids, with a sentence that an operator can read', () => {
  assert.deepEqual(Object.keys(METRICS), [...METRIC_IDS]);
  assert.equal(new Set(METRIC_IDS.map((id) => METRICS[id].label)).size, METRIC_IDS.length);
  for (const id of METRIC_IDS) {
    const metric = METRICS[id];
    assert.equal(metric.id, id);
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
