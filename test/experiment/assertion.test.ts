import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readBound } from '../../src/experiment/assert/bound.ts';
import { fitsSelector } from '../../src/experiment/plan/cell-selector.ts';
import { METRICS, METRIC_IDS } from '../../src/metrics/metrics.ts';
import { parseExperiment } from '../../src/experiment/parse-experiment.ts';
import { edited } from './demo-file.ts';

function assertionsOf(list: string): unknown {
  const parsed = parseExperiment(edited('blocks: 6', `blocks: 6\nassert: ${list}`), 'f.yaml', { directory: '/w' });
  assert.ok('experiment' in parsed, JSON.stringify(parsed));
  return parsed.experiment.assert;
}

test('assertions are read in base units, with the text of the file beside them', () => {
  assert.deepEqual(
    assertionsOf(`
  - { metric: memory.anon, cell: gogc=50, max: 40MiB }
  - { metric: cpu.per_request, against: baseline, min: -1%, max: +10%, level: warn }
  - { metric: latency.p99, against: baseline, max: +500us, level: off }
  - { metric: gc.cycles, min: 30 }`),
    [
      {
        metric: 'memory.anon',
        cell: 'gogc=50',
        kind: 'level',
        min: undefined,
        max: { value: 40 * 2 ** 20, written: '40MiB' },
        level: 'error',
      },
      {
        metric: 'cpu.per_request',
        cell: undefined,
        kind: 'change',
        min: { value: -0.01, written: '-1%' },
        max: { value: 0.1, written: '+10%' },
        level: 'warn',
      },
      {
        metric: 'latency.p99',
        cell: undefined,
        kind: 'difference',
        min: undefined,
        max: { value: 0.0005, written: '+500us' },
        level: 'off',
      },
      {
        metric: 'gc.cycles',
        cell: undefined,
        kind: 'level',
        min: { value: 30, written: '30' },
        max: undefined,
        level: 'error',
      },
    ],
  );
});

test('an experiment that asserts nothing has no such key', () => {
  const parsed = parseExperiment(edited('blocks: 6', 'blocks: 6'), 'f.yaml', { directory: '/w' });
  assert.ok('experiment' in parsed && !Object.hasOwn(parsed.experiment, 'assert'));
});

test('every metric has a unit that a bound can be written in, as its own hint says', () => {
  for (const metric of METRIC_IDS) {
    const wrong = readBound('1x', metric, undefined);
    assert.ok('hint' in wrong);
    const unit = METRICS[metric].unit;
    const right = {
      bytes: '1MiB',
      seconds: '1ms',
      fraction: '1%',
      cores: '1',
      count: '1',
      'bytes-per-second': '1MiB/s',
      'per-second': '1/s',
    }[unit];
    const level = readBound(right, metric, undefined);
    const difference = readBound(`-${right}`, metric, 'baseline');
    assert.ok('value' in level && level.value.kind === 'level' && level.value.value > 0, metric);
    assert.ok('value' in difference && difference.value.value === -level.value.value, metric);
    // Of a fraction too, per cent against the baseline are relative.
    assert.equal(difference.value.kind, unit === 'fraction' ? 'change' : 'difference');
  }
});

test('a selector names levels by spaces or commas; sizes fit however they are written', () => {
  const levels = { gogc: 50, gomemlimit: 64 * 2 ** 20, workload: 'steady' } as const;
  for (const fits of ['gogc=50', 'gomemlimit=64MiB', 'gomemlimit=65536KiB', 'gogc=50,workload=steady', ' gogc=50  '])
    assert.ok(fitsSelector(levels, fits), fits);
  for (const other of ['gogc=5', 'gogc=off', 'workload=stead', 'gomemlimit=off', 'gogc=50 workload=bursty', 'x=1'])
    assert.ok(!fitsSelector(levels, other), other);
});
