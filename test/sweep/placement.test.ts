import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Experiment, WorkloadSpec } from '../../src/experiment/experiment.ts';
import { place } from '../../src/sweep/placement.ts';

function experiment(
  cpus: number | undefined,
  kind: WorkloadSpec['kind'] = 'http',
  gomaxprocs?: number,
  pin = true,
): Experiment {
  return {
    limits: { cpus, memoryBytes: undefined, pids: 512, pin, required: true },
    gomaxprocs,
    matrix: { gogc: [100], gomemlimit: ['off'], workload: ['w'] },
    workloads: { w: { kind } as WorkloadSpec },
    services: {},
  } as unknown as Experiment;
}

test('the generator gets the last CPU and the target as many of the others as it asks for', () => {
  assert.deepEqual(place(experiment(1), [0, 1]), {
    services: '1',
    cpus: { target: '0', generator: '1' },
    gomaxprocs: 1,
    warnings: [],
  });
  assert.deepEqual(place(experiment(1.5), [0, 1, 2, 5]), {
    services: '2',
    cpus: { target: '0-1', generator: '5' },
    gomaxprocs: 2,
    warnings: [],
  });
  assert.deepEqual(place(experiment(undefined), [0, 2, 3]).cpus, { target: '0,2', generator: '3' });
});

test('a target that asks for more than there is gets what is to spare, with a warning', () => {
  const placed = place(experiment(2), [0, 1]);
  assert.equal(placed.gomaxprocs, 1);
  assert.deepEqual(
    placed.warnings.map((warning) => warning.code),
    ['too-few-cpus'],
  );
});

test('without pinning both may use every CPU', () => {
  assert.deepEqual(place(experiment(1.5, 'http', undefined, false), [0, 1]), {
    services: undefined,
    cpus: { target: undefined, generator: undefined },
    gomaxprocs: 2,
    warnings: [],
  });
});

test('without a generator the target may have every CPU', () => {
  assert.deepEqual(place(experiment(undefined, 'batch'), [0, 1]).cpus, { target: '0-1', generator: undefined });
});

test('one CPU is shared, and the reader is told', () => {
  const placed = place(experiment(1), [0]);
  assert.deepEqual(placed.cpus, { target: undefined, generator: undefined });
  assert.deepEqual(
    placed.warnings.map((warning) => warning.code),
    ['shared-cpu'],
  );
  assert.deepEqual(place(experiment(1, 'batch'), [0]).warnings, []);
});

test('GOMAXPROCS that the experiment sets is left alone', () => {
  assert.equal(place(experiment(1, 'http', 4), [0, 1]).gomaxprocs, 4);
});

test('a kubo workload has a generator as well', () => {
  assert.deepEqual(place(experiment(1, 'kubo'), [0, 1]).cpus, { target: '0', generator: '1' });
});
